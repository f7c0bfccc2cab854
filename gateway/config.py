"""The settings: one TOML file, unknown keys refused, frozen once read (docs/settings.md)."""

from __future__ import annotations

import ipaddress
import os
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from gateway.domain.vocabulary import DocType, Level, Role
from gateway.errors import ConfigurationError

SYSTEM_CONFIG = Path("/etc/imprimatur/imprimatur.toml")
CONFIG_VARIABLE = "IMPRIMATUR_CONFIG"
REHEARSAL_MARKER = "REHEARSAL-NOT-FOR-REAL-PAPERS"
"""A data folder holds this file when it was made for a demo or a test; only there `unsafe_` settings are accepted."""


class QueueDefaults(BaseModel):
    """What a public queue assumes of its jobs when they do not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    level: Level | None = Field(None, description="Level of jobs that declare none; without it they count as 机密 until somebody says.")
    term: str = Field("", description="Secrecy term 保密期限 of jobs that declare none, such as 5年.")
    doc_type: DocType = Field(DocType.ORDINARY, description="Document type 文种 of jobs that declare none.")


class Settings(BaseSettings):
    """All settings of one gateway. Every field stands in docs/settings.md (a test keeps it so)."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    unit: str = Field("示范单位", description="Name of the unit 单位, shown in the UI and on registers.")
    data: Path = Field(Path("/var/lib/imprimatur"), description="Folder of database, spool and keys.")
    run: Path = Field(Path("/run/imprimatur"), description="Folder of the Unix sockets.")
    intake_group: str = Field("lp", description="Group that may deliver jobs: the one in which CUPS runs backends.")
    cups_server: str = Field("", description="Socket or host of the CUPS whose jobs are looked after; empty: the machine's.")
    cups_watch_seconds: float = Field(10, ge=0.2, le=3600, description="Seconds between two looks at CUPS' jobs.")
    rounds_seconds: float = Field(30, ge=0.2, le=3600, description="Seconds between two rounds over held jobs and overdue duties.")
    database_url: str = Field("", description="Database URL; empty: SQLite in the data folder.")
    server_id: str = Field(
        "cups", pattern=r"^[A-Za-z0-9._-]{1,40}$", description="Name of the CUPS server whose jobs arrive, part of each job's key."
    )
    timezone: str = Field("Asia/Shanghai", description="Zone in which times are shown and months counted.")
    locale: str = Field("zh_CN", pattern="^(zh_CN|en)$", description="Language of the UI until a person chooses.")
    web_host: str = Field("127.0.0.1", description="Address of UI and API. Other than loopback needs tls_certificate and tls_key.")
    web_port: int = Field(8631, ge=0, le=65535, description="TCP port of UI and API; 0 takes a free one.")
    public_url: str = Field(
        "", pattern=r"^(https?://[^\s]+)?$", description="Address at which people reach the UI; empty: made of web_host and web_port."
    )
    notice_webhook: str = Field(
        "",
        pattern=r"^(https?://[^\s]+)?$",
        description="URL that is told of each job's stage by POST: number, stage, codes, never a title.",
    )
    notice_mail_to: str = Field("", description="Mail address that is told the same, such as {user}@example.org; empty: no mail.")
    notice_mail_from: str = Field("imprimatur@localhost", description="Sender of such mail.")
    notice_mail_server: str = Field("localhost:25", description="Mail server, host:port.")
    tls_certificate: Path | None = Field(None, description="PEM certificate chain of UI and API.")
    tls_key: Path | None = Field(None, description="PEM private key of UI and API.")
    fax_allow_list: bool = Field(default=False, description="Whether faxes go to numbers of the address book only (FORMS.md F2).")
    visitor_approvers: str = Field(
        "principal_leader", description="Roles that approve visitors, separated by commas (R79); by default the principal leader."
    )
    hold_hours: int = Field(72, ge=1, le=720, description="Hours a held job waits before it expires and its content is destroyed.")
    lock_minutes: int = Field(5, ge=1, le=30, description="Idle minutes after which a web session asks for the password again (R88).")
    session_hours: int = Field(12, ge=1, le=24, description="Hours after log-in when a web session ends, however busy it was.")
    code_minutes: int = Field(
        5,
        ge=0,
        le=15,
        description="Minutes for which a one-time code covers later acts at the same place; the password is asked for every time.",
    )
    training_months: int = Field(12, ge=1, le=120, description="Months after which a training has to be repeated (R95); overdue ones warn.")
    session_minutes: int = Field(30, ge=1, le=30, description="Idle minutes after which a web session ends (R88).")
    token_calls_per_minute: int = Field(120, ge=1, le=100_000, description="Most calls a minute of a program with a token.")
    spool_slots: int = Field(1024, ge=16, le=1_000_000, description="Key slots, and so objects, the spool can hold.")
    spool_quota_bytes: int = Field(50 << 30, ge=1 << 20, description="Most bytes the spool may take.")
    spool_free_floor_bytes: int = Field(512 << 20, ge=0, description="Free bytes the spool leaves on its disk.")
    max_pages: int = Field(5000, ge=1, le=100_000, description="Most pages of a document; more is E_LIMIT.")
    min_page_side_pt: float = Field(36, ge=1, le=14400, description="Shortest side of a page in points (1/72 inch); less is E_LIMIT.")
    max_page_side_pt: float = Field(14400, ge=36, le=14400, description="Longest side of a page in points; more is E_LIMIT.")
    count_seconds: int = Field(60, ge=1, le=3600, description="Most seconds for counting one document; more is E_LIMIT.")
    count_page_seconds: float = Field(
        4, ge=0.5, le=600, description="Most processor seconds for one page, or one step, of counting; more is E_LIMIT."
    )
    count_memory_bytes: int = Field(2 << 30, ge=256 << 20, description="Most memory for counting one document; more is E_LIMIT.")
    slip_printer: str = Field(
        "", description="Slip printer: tcp://HOST:9100, file:/dev/usb/lp0 or virtual:FOLDER, with ?profile=NAME; empty: none."
    )
    scanners: dict[str, str] = Field(
        default_factory=dict, description="Scanners by name: escl:http://HOST/eSCL or sane:BACKEND:DEVICE (docs/copying.md)."
    )
    drop_folders: dict[str, Path] = Field(
        default_factory=dict,
        description="Folders by name into which devices push scanned files, on encrypted disks (docs/copying.md).",
    )
    scanner_silence_seconds: int = Field(60, ge=1, le=3600, description="Seconds a scanner may give nothing before the scan ends.")
    fax_server: str = Field(
        "", pattern=r"^(127\.0\.0\.1:[0-9]{1,5})?$", description="HylaFAX' hfaxd on this machine, such as 127.0.0.1:4559; empty: no fax."
    )
    fax_keep_days: int = Field(30, ge=1, le=3650, description="Days a received fax that was signed for and never printed keeps its pages.")
    web_document_bytes: int = Field(
        64 << 20, ge=1 << 20, le=1 << 30, description="Largest document the browser takes; it is held in memory until it is encrypted."
    )
    fax_account: str = Field("imprimatur", pattern=r"^[a-z][a-z0-9-]{0,30}$", description="The one account hfaxd knows.")
    fax_ocr: bool = Field(True, description="Read pictures on fax pages for marks, where Debian's tesseract-ocr-chi-sim is installed.")
    fax_seconds: float = Field(5, ge=0.2, le=3600, description="Seconds between two looks at HylaFAX, besides those its hook asks for.")
    checkpoint_minutes: int = Field(10, ge=1, le=1440, description="Minutes between signed checkpoints of the ledger.")
    device_poll_seconds: float = Field(1.0, ge=0.05, le=60, description="Seconds between two questions to a printing device.")
    device_silence_seconds: int = Field(120, ge=1, le=86400, description="Seconds a device may stay silent before its job is unresolved.")
    meter_daily_at: str = Field(
        "18:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time of day from which each device's meter is read."
    )
    meter_settle_seconds: float = Field(10, ge=0, le=300, description="Seconds a device's counter may be behind its paper.")
    font_regular: Path | None = Field(None, description="Font file for stamps; empty: Noto Sans CJK.")
    font_bold: Path | None = Field(None, description="Font file for the classification mark (黑体); empty: Noto Sans CJK Bold.")
    stamp_templates: Path | None = Field(None, description="Folder of the site's own stamp templates; empty: the house's.")
    queues: dict[str, QueueDefaults] = Field(default_factory=dict, description="Defaults by public queue name.")
    unsafe_act_as: bool = Field(
        False, description="Rehearsal only: on the control socket a caller may act as any account, without password."
    )
    unsafe_clock: Path | None = Field(None, description="Rehearsal only: a file whose ISO time stands for the clock.")

    @field_validator("visitor_approvers")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        return ",".join(Role.parse(word).value for word in value.split(","))

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"'{value}' is not a time zone") from error
        return value

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        if not _is_loopback(self.web_host) and not (self.tls_certificate and self.tls_key):
            raise ValueError("web_host is not loopback: set tls_certificate and tls_key")
        if (self.unsafe_act_as or self.unsafe_clock) and not (self.data / REHEARSAL_MARKER).exists():
            raise ValueError(f"unsafe_ settings are only accepted in a rehearsal data folder (one that holds {REHEARSAL_MARKER})")
        return self

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data / 'imprimatur.db'}"

    def page_of_job(self, job_no: str) -> str:
        """Where in the UI a job stands, for messages."""
        return f"{self._site}/jobs/{job_no}"

    @property
    def page_of_room(self) -> str:
        """Where in the UI the room's mode and its alerts stand, for messages."""
        return f"{self._site}/room"

    @property
    def _site(self) -> str:
        scheme = "https" if self.tls_certificate else "http"
        return (self.public_url or f"{scheme}://{self.web_host}:{self.web_port}").rstrip("/")

    @property
    def roles_approving_visitors(self) -> frozenset[Role]:
        """Who may approve visitors."""
        return frozenset(Role(word) for word in self.visitor_approvers.split(","))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are shown and months counted."""
        return ZoneInfo(self.timezone)

    @property
    def intake_socket(self) -> Path:
        """Where the CUPS backend delivers."""
        return self.run / "intake.sock"

    @property
    def control_socket(self) -> Path:
        """Where the CLI talks to the daemon."""
        return self.run / "control.sock"

    @property
    def fax_socket(self) -> Path:
        """Where HylaFAX' gate asks before every call."""
        return self.run / "fax.sock"

    @property
    def fax_password_file(self) -> Path:
        """The password of the one account hfaxd knows; made by `imprimatur fax install`."""
        return self.keys / "fax-password"

    @property
    def keys(self) -> Path:
        """Folder of the host key, the signing key and the code key; never in a backup."""
        return self.data / "keys"

    @property
    def spool(self) -> Path:
        """Folder of the encrypted objects."""
        return self.data / "spool"

    @property
    def checkpoint_file(self) -> Path:
        """Checkpoints outside the database, one JSON line each."""
        return self.data / "checkpoints.jsonl"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the one TOML file (and explicit arguments) count: no environment, no .env, no surprises."""
        del env_settings, dotenv_settings, file_secret_settings
        toml = settings_cls.model_config.get("toml_file")
        return (init_settings, TomlConfigSettingsSource(settings_cls)) if toml else (init_settings,)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def config_path(given: Path | None) -> Path:
    """The file in force: given by --config, else by the environment, else the system's."""
    return given or Path(os.environ.get(CONFIG_VARIABLE) or SYSTEM_CONFIG)


def load_settings(file: Path, data: Path | None = None) -> Settings:
    """Read the TOML file; `data` overrides its data folder. Raises ConfigurationError with the key and what is wrong with it."""
    if not file.is_file():
        raise ConfigurationError(f"There is no configuration at {file}.", "Name one with --config, or run `imprimatur init`.")
    from_file = _settings_of(file)
    try:
        return from_file(data=data) if data else from_file()
    except (ValidationError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"{file.name} is not right: {_first_fault(error)}.", "Mend the file; docs/settings.md lists every key."
        ) from error


@lru_cache(maxsize=8)
def _settings_of(file: Path) -> type[Settings]:
    """The class costs more to make than the file to read; the file itself is read every time."""

    class FromFile(Settings):
        model_config = SettingsConfigDict(frozen=True, extra="forbid", toml_file=file)

    return FromFile


def _first_fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg']}" if where else str(first["msg"])
    return str(error).splitlines()[0]
