"""A real Misago on a free loopback port with a PostgreSQL of its own, for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx

from live.packages import end, free_port, installed, up
from pg import Started

_SETTINGS = """\
import os

os.environ.setdefault("MISAGO_PLUGINS", "")
from devproject.settings import *
from devproject.settings import MIDDLEWARE as _MIDDLEWARE
from misago.conf.defaults import MISAGO_POSTING_MIDDLEWARES as _POSTING

_FOLDER = os.environ["MISAGO_FOLDER"]
DEBUG = False
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "misago",
        "USER": "postgres",
        "HOST": "127.0.0.1",
        "PORT": os.environ["MISAGO_DATABASE_PORT"],
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = None
STATIC_ROOT, MEDIA_ROOT = _FOLDER + "/static", _FOLDER + "/media"
MISAGO_USER_DATA_DOWNLOADS_WORKING_DIR = _FOLDER + "/userdata"
MISAGO_NEW_REGISTRATIONS_VALIDATORS = ()  # those of the package ask a service on the internet
MISAGO_POSTING_MIDDLEWARES = [name for name in _POSTING if "floodprotection" not in name]  # tests write fast
PASSWORD_HASHERS = ("django.contrib.auth.hashers.MD5PasswordHasher",)
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MIDDLEWARE = [name for name in _MIDDLEWARE if "debug_toolbar" not in name]
"""
_ADMIN = """\
import django; django.setup()
from misago.cache.versions import get_cache_versions
from misago.conf.dynamicsettings import DynamicSettings
from misago.users.models import User
from misago.users.setupnewuser import setup_new_user
admin = User.objects.create_superuser("admin", "a@example.org", "secret-1")
setup_new_user(DynamicSettings(get_cache_versions()), admin)
"""


class Misago:
    """One forum of one's own: `with Misago() as forum: ...`."""

    def __enter__(self) -> Misago:
        programs = installed("misago", "misago==0.39.6", "gunicorn")
        self._folder = Path(tempfile.mkdtemp(prefix="misago-"))
        (self._folder / "media").mkdir()
        (self._folder / "misago_settings.py").write_text(_SETTINGS)
        self._database = Started()
        self._database.create("misago")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        env = {"PATH": os.environ["PATH"], "HOME": str(self._folder), "PYTHONPATH": str(self._folder),
               "DJANGO_SETTINGS_MODULE": "misago_settings", "MISAGO_FOLDER": str(self._folder),
               "MISAGO_DATABASE_PORT": str(self._database.port)}  # fmt: skip
        log = self._folder / "out.log"
        with log.open("ab") as out:
            given: dict[str, Any] = {"env": env, "cwd": self._folder, "stdout": out, "stderr": out}
            subprocess.run([str(programs / "django-admin"), "migrate", "-v0"], check=True, **given)
            subprocess.run([str(programs / "python"), "-c", _ADMIN], check=True, **given)
            words = ["devproject.wsgi:application", "-b", f"127.0.0.1:{self.port}", "--threads", "4", "-w", "1"]
            self._process = subprocess.Popen([str(programs / "gunicorn"), *words], **given)
        up(self._process, self.url + "/api/threads/", log.read_text)
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)
        self._database.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class Member:
    """Somebody who is logged in."""

    def __init__(self, forum: Misago, name: str, secret: str = "secret-1") -> None:
        self._http = httpx.Client(base_url=forum.url, timeout=60, trust_env=False)
        self._http.headers["X-Requested-With"] = "XMLHttpRequest"
        self._http.get("/")
        if name == "admin":
            self._do("POST", "/api/auth/", {"username": name, "password": secret})
        else:  # who registers is logged in
            about = {"username": name, "email": f"{name}@example.org", "password": secret, "timezone": "UTC"}
            self._do("POST", "/api/users/", about)
        self.id = str(self._http.get("/api/auth/").json()["id"])

    def begin(self, title: str, text: str) -> str:
        """Begin a thread; its id."""
        return str(self._do("POST", "/api/threads/", {"category": 3, "title": title, "post": text})["id"])

    def reply(self, thread: str, text: str) -> str:
        """Answer in a thread; the post's id."""
        return str(self._do("POST", f"/api/threads/{thread}/posts/", {"post": text})["id"])

    def hide(self, thread: str, post: str) -> None:
        """Hide a post."""
        change = [{"op": "replace", "path": "is-hidden", "value": True}]
        self._do("PATCH", f"/api/threads/{thread}/posts/{post}/", change)

    def _do(self, method: str, path: str, given: Any) -> Any:
        headers = {"X-CSRFToken": self._http.cookies.get("csrftoken", "")}
        answer = self._http.request(method, path, json=given, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()
