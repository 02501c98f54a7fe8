"""What the settings name, opened: source, names, ledger, bill; only their own modules are imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from usage_dash.billing.reader import BillSource
from usage_dash.checks.rules import Rules
from usage_dash.documents.model_names import family
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.views import as_written
from usage_dash.prices.price_list import PriceList
from usage_dash.repository.base import UsageRepository
from usage_dash.repository.names import NameSource
from usage_dash.settings import NamesFrom, Settings, SourceName
from usage_dash.settings.budgets import Budgets, read
from usage_dash.settings.files import ToldByFile


def open_repository(settings: Settings) -> UsageRepository:
    """Make the source that the settings name; only its own module is imported, and it connects when first asked."""
    if settings.source is SourceName.DEMO:
        from usage_dash.repository.demo.source import DemoRepository  # noqa: PLC0415 - see above

        return DemoRepository(settings.collection)
    if settings.local_file is not None and settings.source is SourceName.LOCAL:
        from usage_dash.repository.local_file import LocalRepository  # noqa: PLC0415 - see above

        return LocalRepository(settings.local_file, settings.collection)
    from usage_dash.repository.firestore.source import FirestoreRepository  # noqa: PLC0415 - see above

    account = settings.firebase_credentials
    return FirestoreRepository(
        project=settings.project_id,
        database=settings.database,
        collection=settings.collection,
        credentials=account.info if account else settings.application_credentials,
        emulator_host=settings.emulator_host,
    )


def open_names(settings: Settings) -> NameSource | None:
    """Make the source of names that the settings name, as `open_repository` does; a sample's users have none."""
    if settings.names is None or settings.source is SourceName.DEMO:
        return None
    account = settings.firebase_credentials
    credentials = account.info if account else settings.application_credentials
    if settings.names is NamesFrom.AUTH:
        from usage_dash.repository.firestore.auth_names import AuthNames  # noqa: PLC0415 - see above

        return AuthNames(
            project=settings.project_id, credentials=credentials, emulator_host=settings.auth_emulator_host
        )
    from usage_dash.repository.firestore.names import FirestoreNames  # noqa: PLC0415 - see above

    return FirestoreNames(
        settings.name_fields,
        project=settings.project_id,
        database=settings.database,
        collection=settings.names_collection,
        credentials=credentials,
        emulator_host=settings.emulator_host,
    )


def open_ledger(settings: Settings, source: str, path: Path | None) -> Ledger:
    """Open the ledger of a `Source.identity` as the settings say, in this file or in memory. Raises `LedgerError`."""
    naming = family if settings.model_names == "family" else as_written
    keep = settings.keep_deleted
    ledger = Ledger(source, settings.timezone, path, settings.memory_limit, naming, keep_sums=keep)
    if not keep:
        ledger.forget_gone()
    return ledger


def open_bill(settings: Settings, **seconds: float) -> BillSource | None:
    """Make the source of what OpenAI billed, which may take so many `seconds`; a sample's usage is on nobody's bill."""
    if settings.openai_admin_key is None or settings.source is SourceName.DEMO:
        return None
    from usage_dash.billing.client import OpenAIBill  # noqa: PLC0415 - its library is loaded where there is a bill
    from usage_dash.billing.question import Question  # noqa: PLC0415 - see above

    question = Question(
        settings.openai_admin_key, settings.openai_base_url, settings.openai_projects, settings.openai_api_keys
    )
    return OpenAIBill(question, **seconds)


def rules_of(settings: Settings) -> Rules:
    """Return what the settings say that is checked against."""
    return Rules(settings.document_limit, settings.silent_hours, PriceList(settings.prices))


def budgets_of(settings: Settings) -> Callable[[], Budgets]:
    """Return what tells the budgets now: the settings, or their file. Raises `SettingsError`."""
    said = settings.budgets
    if isinstance(said, Path):
        return ToldByFile(said, read, "budgets").now
    budgets = said or Budgets()
    return lambda: budgets
