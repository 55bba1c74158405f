"""Running: what an agency needs beside its portal: its jobs, its health, and what is told of both.

`run_jobs` runs the jobs of an agency in one process, as the command `dcss run` does; `agency.health()`
answers with a `Health`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.health.check import (
        HealthCheck as HealthCheck,
        HealthStatus as HealthStatus,
        HealthSubject as HealthSubject,
    )
    from dcss_core.health.report import Health as Health
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".health.check": "HealthCheck HealthStatus HealthSubject",
            ".health.report": "Health",
        },
    )
