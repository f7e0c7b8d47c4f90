"""Writes mails.parquet, which the data tests read. Needs pyarrow; run it in this folder."""

import pyarrow as pa
import pyarrow.parquet as pq

mails = pa.table(
    {
        "id": pa.array([1, 2, 3, 4, 5], pa.int64()),
        "text": ["Gewinnen Sie heute", "Bis morgen, José", None, "你好，明天见", "win now"],
        "label": pa.array([1, 0, 1, 0, 1], pa.int64()),
    }
)
pq.write_table(mails, "mails.parquet", row_group_size=2, compression="zstd")
