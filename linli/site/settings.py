"""Django's settings, made from Linli's own (linli.kernel.settings)."""

import os
import secrets
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from linli.kernel import postgres
from linli.kernel import settings as kernel_settings
from linli.site import rooms

django_stubs_ext.monkeypatch()  # lets model fields and querysets be written with their types

LINLI = kernel_settings.current()
HOUSE = Path(__file__).resolve().parent.parent
TESTING = "PYTEST_VERSION" in os.environ


def _secret() -> str:
    """The signing secret: given, or kept in DATA/secret (created once, readable by its owner only)."""
    if LINLI.secret_key:
        return LINLI.secret_key
    if TESTING:
        return secrets.token_urlsafe(48)
    LINLI.data.mkdir(parents=True, exist_ok=True)
    path = LINLI.data / "secret"
    part = path.with_name(f"secret.{os.getpid()}")
    if not path.exists():
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(part, path)
        except FileExistsError:  # another process was faster: its secret counts
            pass
        part.unlink()
    return path.read_text(encoding="ascii").strip()


def _database() -> dict[str, Any]:
    """The database as Django wants it; several hosts and any libpq option pass through."""
    given = conninfo_to_dict(postgres.url())
    options: dict[str, Any] = {
        key: value for key, value in given.items() if key not in {"host", "port", "user", "password", "dbname"}
    }
    options["application_name"] = options.get("application_name", "linli")
    pooled = os.environ.get("LINLI_POOLED") == "1"
    if pooled:
        options["pool"] = {"min_size": 2, "max_size": LINLI.pool, "timeout": 10, "max_idle": 120}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.get("dbname", "linli"),
        "USER": given.get("user", ""),
        "PASSWORD": given.get("password", ""),
        "HOST": given.get("host", ""),
        "PORT": given.get("port", ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pooled else None,
        "CONN_HEALTH_CHECKS": not pooled,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


SECRET_KEY = _secret()
DEBUG = LINLI.debug
ALLOWED_HOSTS = [*LINLI.allowed_hosts]
CSRF_TRUSTED_ORIGINS = [*LINLI.trusted_origins]
ROOT_URLCONF = "linli.site.urls"
WSGI_APPLICATION = "linli.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _database()}

ROOMS = [room for room in rooms.DJANGO_ROOMS if rooms.exists(room)]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "ninja",
    *ROOMS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "linli.site.middleware.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "linli.site.middleware.Bodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "linli.site.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "linli.parties.middleware.ViewerMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HOUSE / "web" / "templates"],  # before allauth's own
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Languages and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "linli_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = LINLI.time_zone
LOCALE_PATHS = sorted(path for path in HOUSE.glob("*/locale/*") if path.is_dir())

# Files
STATIC_URL = "/static/"
STATIC_ROOT = LINLI.data.resolve() / "static"
STATICFILES_DIRS = [("vendor", HOUSE / "web" / "vendor")] if (HOUSE / "web" / "vendor").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = LINLI.data.resolve() / "files"
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# People
AUTH_USER_MODEL = "parties.Person"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "linli.parties.signin.StaffAccounts"
MFA_ADAPTER = "linli.parties.signin.StaffFactors"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# a whole office may stand behind one address
ACCOUNT_RATE_LIMITS = {"login_failed": "6/5m/key,60/m/ip", "login": "300/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False  # a password and a second factor, always
MFA_TOTP_ISSUER = "Linli 邻里"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not LINLI.secure

# Sessions: idle and total limits are kept by linli.site.middleware.SessionLimits
SESSION_COOKIE_AGE = LINLI.session_hours * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "linli_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = LINLI.secure
CSRF_COOKIE_SECURE = LINLI.secure
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "linli_csrf"
if rooms.exists("linli.web.errors"):
    CSRF_FAILURE_VIEW = "linli.web.errors.csrf"

# Sign-in limits must count for all processes together, so they stand in the database.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Headers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if LINLI.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = LINLI.secure
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; /healthz must answer it in plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LINLI.secure else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "linli.site.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": LINLI.log_format}
    },
    "root": {"handlers": ["stderr"], "level": LINLI.log_level.upper()},
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True, "level": "INFO"},
        # a refused address or a 404 is no news; what is wrong with us (5xx) is
        "django.request": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
FORMAT_MODULE_PATH: list[str] = []
