"""A valuation from scratch: the rows of the book as text, plain Python, none of the package.

It is slow and says everything once: days one by one, the value per share by halving an interval.
What the package gives is held against it.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

DATA = Path(__file__).parents[2] / "valuation_core" / "book" / "data"
OPERATING = ("mining", "named", "signed", "option", "cloud", "land", "other")


class MissingFactError(Exception):
    """A fact that a valuation needs and the book does not hold."""


class ByHand:
    """The valuation of miners on a day under a case."""

    def __init__(self, day, case="plain", folder=DATA, own=None):
        self.day = date.fromisoformat(day)
        self.own = own or {}
        self.tables = {
            name: self._known(folder / f"{name}.csv")
            for name in ("inputs", "deals", "sites", "instruments")
        }
        with (folder / "cases.csv").open(newline="", encoding="utf-8") as file:
            self.changes = [row for row in csv.DictReader(file) if row["case"] == case]

    def _known(self, path):
        with path.open(newline="", encoding="utf-8") as file:
            return [row for row in csv.DictReader(file) if self._date(row) <= self.day]

    @staticmethod
    def _date(row):
        return date.fromisoformat(row["known_on"] or row["as_of"])

    def rows(self, table, key, ticker):
        """The newest row of each thing of a miner."""
        newest = {}
        for row in self.tables[table]:
            if row["ticker"] == ticker:
                before = newest.get(row[key])
                if before is None or row["as_of"] > before["as_of"]:
                    newest[row[key]] = row
        return list(newest.values())

    def row(self, scope, metric):
        """The row in force: the newest of the scope, else of ALL."""
        for where in (scope, "ALL"):
            rows = [
                row
                for row in self.tables["inputs"]
                if (row["scope"], row["metric"]) == (where, metric)
            ]
            if rows:
                newest = max(rows, key=lambda row: row["as_of"])
                if newest["value"]:
                    return newest
        return None

    def fact(self, scope, metric):
        """The text of a fact and its basis, changed by the case."""
        if (scope, metric) in self.own:
            return str(self.own[scope, metric]), "gross"
        row = self.row(scope, metric)
        if row is None:
            raise MissingFactError(f"{scope} {metric}")
        scopes = (scope,) if scope == "NETWORK" else (scope, "ALL")
        for where in scopes:
            for change in self.changes:
                if (change["scope"], change["metric"]) == (where, metric):
                    if change["change"] == "times":
                        return str(float(row["value"]) * float(change["value"])), row["basis"]
                    return change["value"], change["basis"]
        return row["value"], row["basis"]

    def has(self, scope, metric):
        return (scope, metric) in self.own or self.row(scope, metric) is not None

    def number(self, scope, metric):
        return float(self.fact(scope, metric)[0])

    def gross(self, scope, metric, per_mw=False):
        """A fact in MW, or per MW, on gross MW."""
        text, basis = self.fact(scope, metric)
        if basis != "critical":
            return float(text)
        ratio = self.number(scope, "gross_to_critical")
        return float(text) / ratio if per_mw else float(text) * ratio

    # mining

    def mining(self, ticker):
        """Add up 1,461 days one by one."""
        hashrate = self.number(ticker, "hashrate")
        if self.has(ticker, "hashrate_guided"):
            more = max(0.0, self.number(ticker, "hashrate_guided") - hashrate)
            hashrate += self.number(ticker, "guided_hashrate_share") * more
        displaced, stops = 0.0, None
        if self.has(ticker, "hashrate_displaced"):
            displaced = min(self.number(ticker, "hashrate_displaced"), hashrate)
            if displaced:
                stops = date.fromisoformat(self.fact(ticker, "displaced_on")[0])
        halving = date.fromisoformat(self.fact("NETWORK", "halving_date")[0])
        coins = self.number("NETWORK", "block_subsidy") * self.number("NETWORK", "blocks_per_day")
        price = self.number("NETWORK", "btc_price") * (1.0 + self.number("NETWORK", "fee_share"))
        growth = self.number(ticker, "network_growth")
        discount = self.number(ticker, "mining_discount_rate")
        network = self.number("NETWORK", "network_hashrate")
        power = 24.0 * self.number(ticker, "efficiency") * self.number(ticker, "power_price")
        total = 0.0
        for day in range(1461):
            today = self.day + timedelta(days=day)
            mined = coins if today < halving else coins / 2.0
            revenue = mined * price / network
            revenue /= (1.0 + growth) ** (day / 365.25)
            running = hashrate - (displaced if stops is not None and today >= stops else 0.0)
            total += running * max(0.0, revenue - power) / (1.0 + discount) ** (day / 365.25)
        return total * self.number(ticker, "uptime") / 1e6

    # what is let, offered, free

    def deals(self, ticker):
        return [row for row in self.rows("deals", "deal_id", ticker) if row["kind"] == "colo"]

    def let(self, ticker, deal):
        """Gross MW of a deal; of one that states critical MW only, those x gross_to_critical."""
        if deal["mw_gross"]:
            return float(deal["mw_gross"])
        return float(deal["mw_critical"]) * self.number(ticker, "gross_to_critical")

    def shopped(self, ticker):
        """MW shopped less, site by site, the smaller of what it offered and what was let since."""
        stated = self.gross(ticker, "hpc_mw_shopped")
        if (ticker, "hpc_mw_shopped") in self.own:
            return stated
        since = self.row(ticker, "hpc_mw_shopped")["as_of"]
        sites = {row["site"]: row for row in self.rows("sites", "site", ticker)}
        then = {}
        for row in sorted(self.tables["sites"], key=lambda row: row["as_of"]):
            if row["ticker"] == ticker and row["as_of"] <= since:
                then[row["site"]] = row
        used, let_at = 0.0, {}
        for deal in self.deals(ticker):
            if deal["announced"] <= since:
                continue
            mw, site = self.let(ticker, deal), deal["site"]
            if site not in sites:
                used += mw
                continue
            while not float(then.get(site, {}).get("hpc_mw_offered") or 0) and (
                site in sites and sites[site]["part_of"]
            ):
                site = sites[site]["part_of"]
            let_at[site] = let_at.get(site, 0.0) + mw
        for site, mw in let_at.items():
            used += min(mw, float(then.get(site, {}).get("hpc_mw_offered") or 0))
        return max(0.0, stated - used)

    def free(self, ticker):
        approved = 0.0
        for site in self.rows("sites", "site", ticker):
            if site["status"] == "pipeline" or site["part_of"]:
                continue
            mw = float(site["mw_gross"] or 0)
            if not mw and site["mw_critical"]:
                mw = float(site["mw_critical"]) * self.number(ticker, "gross_to_critical")
            approved += mw * float(site["ownership"])
        signed = sum(self.let(ticker, deal) for deal in self.deals(ticker))
        used = signed + self.shopped(ticker) + self.gross(ticker, "cloud_mw")
        return max(0.0, approved - used)

    # the parts

    def value_per_mw(self, ticker):
        low, high = (self.gross(ticker, f"colo_value_{end}", True) for end in ("low", "high"))
        return low + self.number(ticker, "colo_value_position") * (high - low)

    def probability(self, ticker):
        if not self.has(ticker, "hpc_probability"):
            return 0.0
        return self.number(ticker, "hpc_probability")

    def signed(self, ticker):
        value, ratio = self.value_per_mw(ticker), self.number(ticker, "gross_to_critical")
        return sum(
            float(deal["mw_critical"]) * ratio * value
            if deal["mw_critical"]
            else float(deal["mw_gross"]) * value
            for deal in self.deals(ticker)
        )

    def land(self, ticker):
        net, cap = self.shopped(ticker), self.gross(ticker, "tenant_cap")
        unlet = net - self.probability(ticker) * min(net, cap)
        mw = self.free(ticker) + self.number(ticker, "land_on_unlet") * unlet
        return self.gross(ticker, "land_power_value", True) * mw

    def cash(self, ticker):
        """The balance, and every note and loan that came or went after it."""
        cash = self.number(ticker, "cash")
        if (ticker, "cash") in self.own:
            return cash
        balance = self.row(ticker, "cash")["as_of"]
        today = self.day.isoformat()
        histories = {}
        for row in sorted(self.tables["instruments"], key=lambda row: row["as_of"]):
            debt = row["recourse"] == "corporate" and row["kind"] != "warrant"
            if debt and row["ticker"] == ticker:
                histories.setdefault(row["instrument_id"], []).append(row)
        for rows in histories.values():
            first = rows[0]
            if balance < first["issue_date"] <= today:
                cash += float(first["net_proceeds_usd_m"] or first["principal_usd_m"])
            for before, row in pairwise(rows):
                owed, owes = float(before["principal_usd_m"]), float(row["principal_usd_m"])
                if row["retired_on"]:
                    if balance < row["retired_on"] <= today:
                        cash -= float(row["net_proceeds_usd_m"] or owed)
                elif owes < owed and balance < row["as_of"] <= today:
                    cash -= float(row["net_proceeds_usd_m"] or owed - owes)
        return cash

    def parts(self, ticker):
        """Every part that adds to equity, USD M."""
        bitcoin = self.number(ticker, "btc_held") * self.number("NETWORK", "btc_price") / 1e6
        parts = {
            "mining": self.mining(ticker),
            "hodl": bitcoin * self.number(ticker, "hodl_premium"),
            "named": 0.0,
            "other": self.number(ticker, "other_value"),
            "cash": self.cash(ticker),
        }
        names = self.has(ticker, "hpc_mw_named"), self.has(ticker, "hpc_value_named")
        if any(names) and self.number(ticker, "use_named") == 1:
            mw = self.gross(ticker, "hpc_mw_named")
            parts["named"] = mw * self.gross(ticker, "hpc_value_named", True)
            let = sum(self.let(ticker, deal) for deal in self.deals(ticker))
            parts["signed"] = max(0.0, let - mw) * self.value_per_mw(ticker)
            parts["option"] = parts["cloud"] = parts["land"] = 0.0
            return parts
        mw = min(self.shopped(ticker), self.gross(ticker, "tenant_cap"))
        parts["option"] = self.probability(ticker) * mw * self.value_per_mw(ticker)
        parts["signed"] = self.signed(ticker)
        cloud = self.gross(ticker, "cloud_mw")
        parts["cloud"] = cloud * self.gross(ticker, "cloud_value", True)
        parts["land"] = self.land(ticker)
        return parts

    # per share

    def claims(self, ticker):
        """Debt that stays, notes and warrants: (debt, [(owed, shares)], [(strike, shares)])."""
        debt, notes, warrants, some = 0.0, [], [], False
        for row in self.rows("instruments", "instrument_id", ticker):
            retired = row["retired_on"]
            if row["recourse"] != "corporate" or row["issue_date"] > self.day.isoformat():
                continue
            if retired and retired <= self.day.isoformat():
                continue
            shares = float(row["shares_m"] or 0)
            if row["kind"] == "warrant":
                if shares:
                    warrants.append((float(row["strike_usd"]), shares))
                continue
            some, owed = True, float(row["principal_usd_m"])
            if row["kind"] == "convertible" and shares:
                notes.append((owed, shares))
            else:
                debt += owed
        if not some:
            debt = self.number(ticker, "debt_reported")
        return debt, notes, warrants

    def per_share(self, ticker, assets):
        """The value per share at which all claims together take what there is."""
        debt, notes, warrants = self.claims(ticker)
        basic = self.number(ticker, "shares_basic")

        def taken(v):
            converted = sum(max(owed, shares * v) for owed, shares in notes)
            exercised = sum(shares * max(0.0, v - strike) for strike, shares in warrants)
            return basic * v + converted + exercised + debt

        low, high = -1e5, 1e5
        for _ in range(200):
            middle = (low + high) / 2.0
            low, high = (middle, high) if taken(middle) < assets else (low, middle)
        return (low + high) / 2.0

    def value(self, ticker):
        return self.per_share(ticker, sum(self.parts(ticker).values()))

    def growth(self, ticker):
        target = date.fromisoformat(self.fact(ticker, "target_date")[0])
        days = max(0, (target - self.day).days)
        return (1.0 + self.number(ticker, "cost_of_equity")) ** (days / 365.25)

    def target(self, ticker):
        grown = self.growth(ticker)
        parts = self.parts(ticker)
        assets = sum(
            amount * (grown if name in OPERATING else 1.0) for name, amount in parts.items()
        )
        return self.per_share(ticker, assets)
