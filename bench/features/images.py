"""Images per second with PyTorch eager and Pillow, from JPEG file to vector, on Hymenoptera."""

import sys
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402
import image_model  # noqa: E402

BATCH = 16
WARM_UP = 64


class Images(Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return image_model.load_pixels(self.paths[index])


@torch.inference_mode()
def embed(network, paths, workers):
    batches = DataLoader(Images(paths), batch_size=BATCH, num_workers=workers)
    return torch.cat([network(pixels) for pixels in batches])


def main():
    options = common.options()
    folder = options.data / "hymenoptera"
    paths = [path for split in ("train", "val") for path in sorted(folder.glob(f"{split}/*/*.jpg"))]
    paths = common.every(paths, options.limit)
    network = image_model.PooledNetwork()
    first = embed(network, paths[:WARM_UP], 0)[0]
    rates = {}
    for workers in (0, 2):
        elapsed = common.seconds(lambda workers=workers: embed(network, paths, workers))
        rates[f"batch {BATCH}, {workers} workers"] = len(paths) / elapsed
    details = {"inputs": len(paths), "firstVector": first[:4].tolist()}
    common.report({"last layer": rates}, details)


if __name__ == "__main__":
    main()
