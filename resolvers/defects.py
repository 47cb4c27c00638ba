"""Logs the defect of an adapter by its kind and place alone: its text may hold personal data."""

import logging

log = logging.getLogger("loyalty_graph.adapters")


def log_defect(program: str, defect: Exception) -> None:
    """One line, free of persons."""
    frame = defect.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "unknown"
    log.error(
        "adapter defect",
        extra={"program": program, "kind": type(defect).__name__, "place": place},
    )
