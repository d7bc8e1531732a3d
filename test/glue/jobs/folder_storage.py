"""A folder in the place of the bucket."""

import hashlib
import shutil
from pathlib import Path


class Folder:
    """Objects by their paths."""

    def __init__(self, root):
        self.root = Path(root)

    def url(self, key):
        return str(self.root / key)

    def sizes(self, prefix):
        found = (path for path in self.root.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
        keys = {str(path.relative_to(self.root)): path.stat().st_size for path in found}
        return {key: size for key, size in keys.items() if key.startswith(prefix)}

    def etags(self, prefix):
        return {}

    def read(self, key):
        path = self.root / key
        if not path.is_file():
            raise KeyError(key)
        return path.read_bytes()

    def write(self, key, body):
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def remove(self, prefix):
        if prefix.endswith("/"):
            shutil.rmtree(self.root / prefix, ignore_errors=True)
        else:
            (self.root / prefix).unlink(missing_ok=True)

    def sha256(self, key):
        return hashlib.sha256(self.read(key)).hexdigest()
