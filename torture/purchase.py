"""What a buyer wants, and what becomes of the payment: drawn from the run's seed by the order's number."""

from dataclasses import dataclass

# Product and tier of the sample goods; some bring a license, some cost nothing.
GOODS = [
    ("the-weight-of-light", "pdf"),
    ("the-weight-of-light", "group"),
    ("paper-harbor", "use"),
    ("tidy-names", "single"),
    ("tidy-names", "team"),
    ("dune-wallpapers", "4k"),
    ("letters-to-a-slow-reader", "book"),
    ("the-plain-table-manual", "workshop"),
    ("hairline-icons", "commercial"),
    ("field-guide-to-small-servers", "book"),
    ("linen-textures", "personal"),
    ("ledger-sheets", "single"),
]
FREE_GOODS = [("rain-on-tin", "loop"), ("pocket-zine-tides", "zine")]

# Each fate is a method of the buyer; the number says how often it is drawn.
FATES = {
    "pays": 44,
    "pays_after_decline": 5,
    "is_declined": 3,
    "authenticates": 2,
    "lets_expire": 5,
    "expires_then_pays": 3,
    "never_pays": 3,
    "debits": 3,
    "debit_fails": 3,
    "is_warned_of": 1,
    "is_reviewed": 2,
    "wins_dispute": 3,
    "loses_dispute": 3,
    "leaves_dispute": 2,
    "disputes_twice": 1,
    "is_asked_about": 2,
    "escalates": 1,
    "is_refunded": 4,
    "is_refunded_in_parts": 5,
    "is_refunded_later": 3,
    "refund_fails": 3,
    "is_refunded_at_stripe": 2,
    "is_refunded_on_both_sides": 2,
}


@dataclass
class Purchase:
    number: int
    email: str
    items: list
    code: str | None
    fate: str
    # Sends the order twice at the same moment.
    is_doubled: bool
    # Buys a cart from so many tabs at once instead of by the API; none for most.
    n_tabs: int
    # Comes back from the payment to the order's page, which asks Stripe by itself.
    comes_back: bool


def draw(setting, database, number, codes):
    chance = setting.chance(database, "wish", number)
    goods = chance.sample(GOODS, chance.choice([1, 1, 2, 3]))
    if chance.random() < 0.15:
        goods = chance.choice([[], goods[:2]]) + [chance.choice(FREE_GOODS)]
    items = [{"product": product, "variant": variant, "quantity": chance.choice([1, 1, 2])} for product, variant in goods]
    return Purchase(
        number=number,
        email=f"reader-{number}@example.com",
        items=items,
        code=chance.choice(codes) if chance.random() < 0.25 else None,
        fate=chance.choices(list(FATES), list(FATES.values()))[0],
        is_doubled=chance.random() < 0.1,
        n_tabs=chance.choice([2, 3]) if chance.random() < 0.08 else 0,
        comes_back=chance.random() < 0.4,
    )
