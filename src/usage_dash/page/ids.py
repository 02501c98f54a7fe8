"""Every component id of the page, once. Portals and tests rely on the public ones."""

# Public: kept stable across versions.
TOTAL_COST = "total-cost"
TOTAL_CALLS = "total-calls"
TOTAL_TOKENS = "total-tokens"
ACTIVE_USERS = "active-users"
COST_PER_CALL = "cost-per-call"  # on a user’s page, in the place of the active users
COST_BY_MODEL = "cost-by-model"
COST_OVER_TIME = "cost-over-time"
MODEL_DISTRIBUTION = "model-distribution"
CALLS_OVER_TIME = "calls-over-time"
TOP_USERS = "top-users"  # or teams
USERS_TABLE = "users-table"
REFRESH_BUTTON = "refresh-button"
REFRESH_INTERVAL = "refresh-interval"
STATUS = "status"

# Ours: free to change.
ACCOUNT = "account"
ADDRESS = "address"  # a store: what the server made of the query that was asked
ASKED = "asked"  # a store: the query of the page’s address, and whose page it is
BAR = "bar"
BILL = "bill"
BILL_READ = "bill-read"
BILL_SAVED = "bill-saved"
BODY = "body"
CARDS = "cards"
CHARTS = "charts"  # a store: the charts' figures and captions, before their colours are put in
CLOCK = "clock"  # a store: the server's time and that of the data, as last told
CONNECT = "connect"
CONTACT = "contact"  # what is wrong with the server's answers
FINDINGS = "findings"
FINDINGS_LIST = "findings-list"
FOOTER = "footer"
HELD = "held"  # a store: which state of each part of the page the browser holds
METER = "meter"
METER_TABLE = "meter-table"
NOTICES = "notices"
OPENED_DIALOG = "opened-dialog"  # a store: which dialog was opened last
ENTRIES = "entries"  # of a user’s page
PAGER = "pager"
PAGES = "pages"
PERSON = "person"  # the head of a user’s page
PERSON_FACTS = "person-facts"
PERSON_MODELS = "person-models"
PERSON_PANELS = "person-panels"
PROBLEM = "problem"
PROGRESS = "progress"
SHORTCUTS = "shortcuts"
SOURCE = "source"
STATUS_SLOT = "status-slot"
THEME = "theme"  # a store: the theme that the charts are drawn for
THEME_BUTTON = "theme-button"
TRUST = "trust"
USERS_COUNT = "users-count"
USERS_PLACE = "users-place"  # the room that the table will take
