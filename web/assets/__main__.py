"""`python -m web.assets` builds the files browsers load, from scratch."""

from web.assets import building

if __name__ == "__main__":
    building.MANIFEST.unlink(missing_ok=True)
    building.build()
