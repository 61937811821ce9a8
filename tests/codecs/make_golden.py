"""Write the golden file of each codec that has none yet; those that exist are never touched.

Run: python tests/codecs/make_golden.py
"""

from pathlib import Path

from conftest import photo_like
from PIL import Image

from keepsight.codecs import registry

if __name__ == "__main__":
    golden = Path(__file__).parent / "golden"
    (golden / "expected").mkdir(parents=True, exist_ok=True)
    for codec in registry.all_codecs().values():
        file = golden / f"{codec.id}{codec.suffix}"
        if not file.exists():
            file.write_bytes(codec.encode(photo_like(33, 47), codec.options()))
            Image.fromarray(codec.decode(file.read_bytes())).save(golden / "expected" / f"{codec.id}.png")
            print("wrote", file)
