"""In-memory adapters of the ports: the first customers of the conformance kits.

For notebooks, tests and examples; everything is gone when the process ends.
"""

from dcss_core.memory.storage import MEMORY_STORAGE, MemoryStorage

__all__ = ["MEMORY_STORAGE", "MemoryStorage"]
