"""The rows that every peer writes: what a game's API would log, with the awkward values in it, the same on every run."""

from datetime import datetime, timedelta, timezone

ROWS = 4000

EVENTS = ["knife purchased", "helmet purchased", "shield purchased", "sword purchased", "gauntlet purchased", "join_guild"]
HOSTS = [
    "user{}.comcast.com",
    "user{}.att.com",
    "user{}.google.com",
    "user{}.frontier.com",
    "user{}.cox.com",
    "user{}.earthlink.com",
    # Where the two rules differ, or where a careless one of them goes wrong.
    "USER{}.COX.COM:8080",
    "seattle{}.example.org",
    "user{}.attic.net",
    "google.user{}.cox.net:443",
    "user{}.example.org.",
    "müller{}.earthlink.de",
    "",
]
PRICES = [0.0, -0.0, 0.1, 12.5, 1e300, -2.5e-10, float("inf"), float("-inf"), float("nan"), 3.0]
GOLD = [2**53 + 1, 2**63 - 1, -(2**63), 0, -1, 10, 250]
START = datetime(2026, 11, 23, tzinfo=timezone.utc)


def noise(seed):
    """A sequence of 31-bit numbers that no library's next version can change."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33


def columns(rows=ROWS, seed=1):
    """Column name to list of values, nulls as None."""
    numbers = noise(seed)

    def draw(limit):
        return next(numbers) % limit

    def few(values):
        """Early values far oftener than late ones."""
        return values[min(draw(len(values)), draw(len(values)))]

    def seldom_null(value, one_in):
        return None if draw(one_in) == 0 else value

    table = {name: [] for name in ["event_type", "Host", "Accept", "flag", "level", "gold", "price", "ratio", "at", "at_local"]}
    for row in range(rows):
        # In time's order, some at whole seconds, some before 1970.
        at = START + timedelta(hours=row // 50) if row % 4 else START + timedelta(microseconds=(row % 40) * 1_234_567_891)
        if row % 101 == 0:
            at = datetime(1969, 12, 31, 23, 59, 59, 123_457, tzinfo=timezone.utc)
        table["event_type"].append(seldom_null(few(EVENTS), 97))
        table["Host"].append(seldom_null(HOSTS[draw(len(HOSTS))].format(draw(60)), 53))
        table["Accept"].append(seldom_null("*/*", 5))
        table["flag"].append(seldom_null(draw(3) == 0, 11))
        table["level"].append(seldom_null(draw(26) - 5, 13))
        table["gold"].append(seldom_null(GOLD[draw(len(GOLD))], 17))
        table["price"].append(seldom_null(PRICES[draw(len(PRICES))], 19))
        # Values that a float of 32 bits holds exactly, so that it is one number however it is written.
        table["ratio"].append(seldom_null((draw(16) - 4) / 8, 23))
        table["at"].append(seldom_null(at, 29))
        table["at_local"].append(seldom_null(at.replace(tzinfo=None), 31))
    return table
