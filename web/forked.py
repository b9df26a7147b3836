"""How gunicorn serves the office: `gunicorn -c python:web.forked`. It is loaded once and then forked, so that what its processes hold is held once.

Each of the names below is a setting of gunicorn; what the command line says goes before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from web.building import in_service, work_beside
from web.settings import Settings, Work

if TYPE_CHECKING:
    from gunicorn.workers.base import Worker

    from web.unit import Office

wsgi_app: Final = "web.forked:loaded()"
preload_app: Final = True
worker_class: Final = "gthread"
workers: Final = 2
threads: Final = 8
graceful_timeout: Final = 30  # seconds
# Nobody here speaks to it, it would be one for all of a machine, and its thread stands beside whatever is forked.
control_socket_disable: Final = True


def loaded() -> Office:
    return in_service(Settings.from_environment())


def post_worker_init(worker: Worker) -> None:
    """Threads do not outlive a fork: what is done beside the pages begins in each process."""
    settings = Settings.from_environment()
    if settings.work is Work.EMBEDDED:
        work_beside(worker.wsgi, settings)
