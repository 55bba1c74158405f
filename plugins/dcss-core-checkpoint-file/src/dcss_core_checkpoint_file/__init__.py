"""Signed checkpoints of the audit log in a file that only grows, as a checkpoint sink of dcss-core.

Decides nothing but what is declared; the file is touched when a sink is opened.
"""

from dcss_core.plugins import AuditCheckpointSink, CheckpointSink, hookimpl

__all__ = ["dcss_checkpoint_sinks", "open_checkpoint_file"]


def open_checkpoint_file(url: str) -> CheckpointSink:
    """Open the file, made if need be; raises ConfigurationError, with every fault, where that can't be."""
    from dcss_core_checkpoint_file.checkpoint_file import CheckpointFile
    from dcss_core_checkpoint_file.place import path_in

    return CheckpointFile.opened(path_in(url))


@hookimpl
def dcss_checkpoint_sinks() -> list[AuditCheckpointSink]:
    """Declare the file."""
    return [AuditCheckpointSink("checkpoint-file", "A file that only grows", open_checkpoint_file)]
