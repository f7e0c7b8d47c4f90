"""Writes the reference results that the tests of `preprocess` compare with, and `../unicode.ts`.

    pip install -r requirements.txt && python make.py

Images come from a formula that the tests compute too (`image` here and in ../images.test.ts),
so that only results are stored: a SHA-256 of the bytes, and the bytes themselves where they are few.
"""

import base64
import hashlib
import io
import json
import unicodedata
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from torchvision import transforms
from torchvision.transforms import InterpolationMode

HERE = Path(__file__).parent
TOKENIZER = HERE.parents[4] / "models" / "minilm-l6" / "tokenizer.json"
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
INTERPOLATIONS = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}
STORE_UP_TO = 600  # bytes


def image(width: int, height: int, pattern: str) -> Image.Image:
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    if pattern == "noise":
        mixed = (x * 73856093) ^ (y * 19349663) ^ (c * 83492791)
        values = (((mixed * 2654435761) & 0xFFFFFFFF) >> 24) & 0xFF
    elif pattern == "gradient":
        values = (x * 3 + y * 5 + c * 80) % 256
    else:
        values = np.where((x // 3 + y // 2 + c) % 2 == 0, 255, 0)
    return Image.fromarray(values.astype(np.uint8), "RGB")


def result(array: np.ndarray) -> dict:
    data = np.ascontiguousarray(array).tobytes()
    entry = {"sha256": hashlib.sha256(data).hexdigest()}
    if len(data) <= STORE_UP_TO:
        entry["data"] = base64.b64encode(data).decode()
    return entry


def image_result(image: Image.Image) -> dict:
    return {"width": image.width, "height": image.height, **result(np.asarray(image))}


def resizes() -> list[dict]:
    shapes = [
        ((500, 375), (224, 224)),
        ((500, 375), (341, 256)),
        ((64, 48), (160, 120)),
        ((17, 13), (5, 7)),
        ((5, 7), (17, 13)),
        ((9, 9), (9, 4)),
        ((9, 9), (4, 9)),
        ((8, 8), (8, 8)),
        ((1, 1), (6, 4)),
        ((1, 9), (3, 3)),
        ((9, 1), (3, 3)),
        ((31, 29), (1, 1)),
        ((300, 2), (7, 5)),
        ((255, 257), (256, 256)),
        ((60, 200), (50, 40)),
        ((20, 90), (30, 60)),
    ]
    return [
        {"from": source, "to": target, "pattern": pattern, "filter": name}
        | image_result(image(*source, pattern).resize(target, FILTERS[name]))
        for source, target in shapes
        for pattern in ("noise", "edges")
        for name in FILTERS
    ]


def shorter_sides() -> list[dict]:
    return [
        {"from": source, "size": size, "filter": name, "pattern": "gradient"}
        | image_result(
            transforms.Resize(size, INTERPOLATIONS[name])(image(*source, "gradient"))
        )
        for source, size in [((50, 37), 25), ((37, 50), 25), ((33, 33), 40), ((7, 100), 12), ((101, 67), 64)]
        for name in FILTERS
    ]


def center_crops() -> list[dict]:
    cases = [((10, 7), 5), ((11, 8), 5), ((9, 12), 4), ((12, 13), 4), ((5, 5), 5), ((3, 9), 6), ((4, 4), 9), ((9, 2), 5)]
    return [
        {"from": source, "size": size, "pattern": "noise"}
        | image_result(transforms.CenterCrop(size)(image(*source, "noise")))
        for source, size in cases
    ]


def letterboxes() -> list[dict]:
    fill = (124, 116, 104)
    cases = [((40, 30), 20), ((30, 40), 21), ((7, 7), 10), ((64, 3), 32), ((13, 12), 32), ((5, 2), 5)]
    return [
        {"from": source, "size": size, "fill": fill, "filter": name, "pattern": "noise"}
        | image_result(ImageOps.pad(image(*source, "noise"), (size, size), FILTERS[name], fill))
        for source, size in cases
        for name in FILTERS
    ]


def chains() -> list[dict]:
    """EfficientNet-Lite0 as it was trained: shorter side 256 bicubic, crop 224, (x - 127) / 128."""
    lite0 = transforms.Compose(
        [transforms.Resize(256, InterpolationMode.BICUBIC), transforms.CenterCrop(224)]
    )
    entries = []
    for source in [(500, 375), (375, 500), (224, 224), (90, 411), (300, 1200), (257, 256)]:
        pixels = (np.asarray(lite0(image(*source, "noise"))).astype(np.float32) - 127) / 128
        entries.append({"from": source, "pattern": "noise"} | result(pixels.transpose(2, 0, 1)))
    return entries


def orientations() -> tuple[list[dict], list[dict]]:
    """Small files with each EXIF orientation, in both byte orders; and an image turned upright."""
    size = (5, 3)
    stored = image(*size, "noise")
    files, upright = [], []
    for orientation in range(1, 9):
        for container in ("PNG", "JPEG", "WEBP"):
            exif = Image.Exif()
            exif[0x010F] = "Maker"
            exif[0x0112] = orientation
            exif.endian = "<" if orientation % 2 == 0 else ">"
            file = io.BytesIO()
            stored.save(file, container, exif=exif)
            assert Image.open(file).getexif()[0x0112] == orientation
            files.append(
                {
                    "container": container,
                    "orientation": orientation,
                    "file": base64.b64encode(file.getvalue()).decode(),
                }
            )
            if container == "PNG":
                turned = ImageOps.exif_transpose(Image.open(file))
                entry = {"from": size, "pattern": "noise", "orientation": orientation}
                upright.append(entry | image_result(turned))
    return files, upright


TEXTS = [
    "",
    " ",
    "Hello, World!",
    "The quick brown fox jumps over the lazy dog.",
    "Lower UPPER MiXeD",
    "don't stop -- it's 3.14 (approx.) #hashtag @user $5.00 100%",
    "user@example.com https://example.com/a?b=c&d=e#f",
    "snake_case kebab-case dot.case camelCase",
    "tabs\tand\nnewlines\r\nand\x0bvertical\x0cform feeds",
    "many          spaces and a trailing one ",
    "\u00a0no\u2003break\u3000spaces\u202f\u2028line\u2029paragraph",
    "nul\x00inside \x01\x02control\x7f\x9f chars\u0085next line",
    "replacement \ufffd character",
    "zero\u200bwidth\u200cjoin\u200ders\ufeff and soft\u00adhyphen\u2060",
    "bidi \u202eabc\u202c \u2066def\u2069 \u061c",
    "Crème brûlée naïve façade Ångström Łódź",
    "Cre\u0300me bru\u0302le\u0301e decomposed",
    "z\u0351\u0306\u0352a\u0334\u0315\u0363l\u031a\u0347\u0320g\u0321\u0322o",
    "İstanbul ısı IİıI DİYARBAKIR",
    "ΟΔΟΣ ὈΔΥΣΣΕΎΣ Σ ΑΣ ΣΑΣ",
    "Straße STRASSE ẞ ß ſ ﬁ ﬂ",
    "Привет, мир! Ёлка Йод",
    "Українська ґанок їжак",
    "你好,世界! 中文字符abc混合123",
    "日本語のテキスト カタカナ ひらがな がぎぐ ﾊﾝｶｸ",
    "한국어 텍스트 각 가\u11a8",
    "𠀀𠀁 rare \U0002f800 ideographs \U0002a700\U0002b820 豈 㐀",
    "नमस्ते दुनिया क्षत्रिय",
    "สวัสดีชาวโลก ภาษาไทย",
    "مرحبا بالعالم السَّلامُ عليكم ـــ",
    "שלום עולם שָׁלוֹם",
    "தமிழ் বাংলা ગુજરાતી ಕನ್ನಡ සිංහල",
    "emoji 😀 👍🏽 👨‍👩‍👧‍👦 🇩🇪 ❤️ ☺ ©️ 1️⃣",
    "math ∑∫√∞ ≤≥≠ ½ ² ₃ Ⅷ ① ｆｕｌｌ 𝒽𝑒𝓁𝓁𝑜 𝟘𝟙",
    "“quotes” ‘single’ „low“ «guillemets» … – — ‐ ‑ ¿¡ §¶•",
    "punctuation!!!???...,,,;;;:::'''\"\"\"((()))[[[]]]{{{}}}<<<>>>///\\\\\\|||~~~```^^^***+++===",
    "currency € £ ¥ ₹ ₿ ¢ symbols ± × ÷ ° µ ¬ ¦",
    "[CLS] special [SEP] tokens [MASK] in [PAD] text [UNK]",
    "[cls] [SEP [ SEP] [MASK][MASK]x[SEP]y",
    "a" * 100,
    "a" * 101,
    "é" * 100 + " " + "é" * 101,
    "x" * 99 + "\u0301\u0301 " + "😀" * 100 + " " + "😀" * 101,
    "antidisestablishmentarianism supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
    "qwrtpsdfgh zxcvbnm xqzzyq \u0378unassigned \ue000private \U0010ffff",
    "newer marks \u1ac0 \u08d4x \ua8ff punctuation \u2e4f \u2e52 \u061d \U0001e95e",
    "changed categories \u1734 \U0001171e \u166d \U000111c9",
    "==== \n> quoted\n>> twice\n-- \nsignature\n" * 3,
    "<html><body>&nbsp;<p class=\"x\">text</p></body></html>",
    "one two three four five six seven eight nine ten " * 40,
    "中" * 300,
    "wörter,und.zeichen;" * 40,
    "12345678901234567890 0x1F 1,000,000.00 1e-10",
    "\u0301leading mark, lone \u0301 mark\u0301",
    "ﷺ ﷽ ㎏ ㍿ Ǆ ǅ ǆ",
]


def texts() -> dict:
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    entries = []
    for text in TEXTS:
        for max_tokens in (256, 12) if len(text) > 40 else (256,):
            tokenizer.enable_truncation(max_tokens, strategy="longest_first", direction="right")
            entries.append({"text": text, "maxTokens": max_tokens, "ids": tokenizer.encode(text).ids})
    return entries


def ranges(code_points) -> str:
    runs: list[list[int]] = []
    for c in code_points:
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return " ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in runs)


SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
BLOCK = 4096


def bert_characters() -> dict:
    """Words of `a` + character, in blocks, for every character that Unicode 14 assigns.

    Left out is U+11938, a letter of Dives Akuru, whose decomposition the Rust library does not know.
    """
    normalizer = normalizers.BertNormalizer()
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    assigned = [c for c in SCALARS if unicodedata.category(chr(c)) != "Cn" and c != 0x11938]
    blocks = {}
    for c in assigned:
        blocks[c // BLOCK] = blocks.get(c // BLOCK, "") + "a" + chr(c)
    digests = []
    for text in blocks.values():
        words = [word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))]
        digests.append(hashlib.sha256("\n".join(words).encode()).hexdigest()[:16])
    return {"assigned": ranges(assigned), "blockSize": BLOCK, "digests": digests}


def unicode_tables() -> str:
    """The character classes of the Rust library, found by asking it about every character."""
    plain = dict(handle_chinese_chars=False, lowercase=False)
    clean = normalizers.BertNormalizer(clean_text=True, strip_accents=False, **plain)
    strip = normalizers.BertNormalizer(clean_text=False, strip_accents=True, **plain)
    split = pre_tokenizers.BertPreTokenizer()
    tables = {
        "CONTROL": (
            "Characters that `clean_text` drops: control, format, private use, U+FFFD.",
            [c for c in SCALARS if clean.normalize_str(f"a{chr(c)}b") == "ab"],
        ),
        "NONSPACING_MARK": (
            "Characters that `strip_accents` drops.",
            [c for c in SCALARS if strip.normalize_str(f"a{chr(c)}b") == "ab"],
        ),
        "PUNCTUATION": (
            "Characters that are a word each.",
            [c for c in SCALARS if len(split.pre_tokenize_str(f"a{chr(c)}b")) == 3],
        ),
    }
    lines = [
        "// Made by goldens/make.py: do not edit.",
        "",
        "/**",
        " * Character classes as the Rust `tokenizers` library has them: those of Unicode 8, whatever the",
        " * version that the JavaScript engine knows. Each is the inside of a regular expression's `[...]`.",
        " */",
        "function characterClass(hexRanges: string): string {",
        "  return hexRanges.trim().replace(/[0-9a-f]+/g, \"\\\\u{$&}\").replace(/\\s+/g, \"\");",
        "}",
    ]
    for name, (comment, members) in tables.items():
        lines += ["", f"/** {comment} */", f"export const {name}: string = characterClass(`"]
        line = " "
        for item in ranges(members).split():
            if len(line) + len(item) + 1 > 100:
                lines.append(line)
                line = " "
            line += " " + item
        lines += [line, "`);"]
    return "\n".join(lines) + "\n"


def write_json(name: str, value) -> None:
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


files, upright = orientations()
write_json(
    "images.json",
    {
        "resize": resizes(),
        "shorterSide": shorter_sides(),
        "centerCrop": center_crops(),
        "letterbox": letterboxes(),
        "efficientNetLite0": chains(),
        "orientation": files,
        "upright": upright,
    },
)
write_json("texts.json", texts())
write_json("bertCharacters.json", bert_characters())
(HERE.parent / "unicode.ts").write_text(unicode_tables())
