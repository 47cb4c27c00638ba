"""Get Discounts (contract 10): the tier's percentage and amounts off a SKU; nothing is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sandbox.fabric.answers import ENTITY_UNKNOWN, cents, refuse
from sandbox.fabric.bodies import Fields
from sandbox.fabric.book import total
from sandbox.fabric.state import State
from sandbox.fabric.tenant import ITEM_RULES, STORES, Tier
from sandbox.frame import Arrival

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A basket to be priced; amounts in currency."""

    profile_id: str
    store: str
    gross: Decimal
    tax: Decimal
    net: Decimal
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """One discount that the basket would get."""

    kind: str
    rule_id: int
    rule: str
    description: str
    percent: Decimal
    amount: Decimal

    def as_json(self) -> dict[str, object]:
        """As the wire shows it."""
        return {
            "type": self.kind,
            "description": self.description,
            "value": self.amount,
            "id": self.rule_id,
            "ruleName": self.rule,
            "discountPercentage": self.percent,
            "discountAmount": self.amount,
        }


def discounts(state: State, arrival: Arrival) -> object:
    """Get Discounts; raises Refused, or BadJson for a body that is none."""
    basket = _basket(arrival.json())
    profile = state.profile(basket.profile_id)
    if basket.store not in STORES:
        raise refuse("entityReference", ENTITY_UNKNOWN)
    of_tier = _of_tier(profile.tier, basket.net)
    of_items = {sku: _of_item(sku) for sku in basket.skus}
    off = total(each.amount for group in (of_tier, *of_items.values()) for each in group)
    return [
        {
            "grossAmount": cents(basket.gross),
            "taxAmount": cents(basket.tax),
            "netAmount": cents(basket.net - off),
            "discounts": _shown(of_tier),
            "transactionItems": [
                {"SKU": sku, "discounts": _shown(of_items[sku])} for sku in basket.skus
            ],
            "miscellaneous": [],
        }
    ]


def _basket(body: object) -> Basket:
    fields = Fields(body, {})
    basket = Basket(
        profile_id=fields.uuid("profileId"),
        store=fields.text("entityReference"),
        gross=fields.number("grossAmount"),
        tax=fields.number("taxAmount"),
        net=fields.number("netAmount"),
        skus=tuple(_sku(item) for item in fields.objects("transactionItems")),
    )
    fields.instant("transactionTimestamp")
    fields.check()
    return basket


def _sku(item: Fields) -> str:
    item.texts("categories")
    for name in ("grossAmount", "taxAmount", "netAmount", "itemPrice", "itemQuantity"):
        item.number(name)
    return item.text("SKU")


def _of_tier(tier: Tier | None, net: Decimal) -> list[Discount]:
    if tier is None or not tier.percent:
        return []
    discount = Discount(
        kind="tier",
        rule_id=tier.rule_id,
        rule=tier.rule,
        description=f"{tier.title} members save {tier.percent} percent",
        percent=tier.percent,
        amount=cents(net * tier.percent / HUNDRED),
    )
    return [discount]


def _of_item(sku: str) -> list[Discount]:
    return [
        Discount(
            kind="promotion",
            rule_id=rule.rule_id,
            rule=rule.rule,
            description=rule.description,
            percent=Decimal(0),
            amount=rule.amount,
        )
        for rule in ITEM_RULES
        if rule.sku == sku
    ]


def _shown(found: Iterable[Discount]) -> list[dict[str, object]]:
    return [each.as_json() for each in found]
