import doctest
import importlib
import pickle
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from tests.cases import ACCOUNTS, CONTRACTS, FACTS, MINIMAL, ORDERS, PLANS, bent, write_case

import secondhall.case
from secondhall.case import Kind, RegimeQuantity, check_case, read_case
from secondhall.errors import InputError, Severity
from secondhall.months import Month

ALL = {
    "contracts.csv": CONTRACTS,
    "orders.csv": ORDERS,
    "accounts.csv": ACCOUNTS,
    "facts.csv": FACTS,
    "plans.csv": PLANS,
}
MODULES = (
    "checks",
    "fields",
    "json_schema",
    "ledgers",
    "model",
    "opening",
    "parse",
    "provenance",
    "reader",
    "template",
    "tree",
    "values",
    "words",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_docstrings_run(name: str) -> None:
    module = importlib.import_module(f"secondhall.case.{name}")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).failed == 0


def test_everything_in_all_is_there() -> None:
    assert all(hasattr(secondhall.case, name) for name in secondhall.case.__all__)


def test_the_minimal_case_is_read_without_a_doubt(tmp_path: Path) -> None:
    case, faults = check_case(write_case(tmp_path))
    assert case is not None
    assert faults == ()
    assert (case.name, case.currency, case.unit, case.start) == ("small", "EUR", "kW", Month.parse("2026-01"))
    assert list(case.halls) == ["one"]


def test_values_keep_where_they_came_from(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path))
    retail = case.segments["retail"]
    assert retail.number("customers").kind is Kind.FACT
    assert retail.number("customers").source == "S1"
    assert retail.number("list_price_per_unit_month").quantile(0.5) == 150
    assert retail.number("list_price_per_unit_month").because == "three offers"
    churn = retail.regimes("churn_monthly")
    assert churn.mids == (0.005, 0.01, 0.02)
    assert (churn.boom.uncertain, churn.bust.uncertain) == (False, True)
    assert all(quantity.because == "last year" for quantity in churn.all)
    assert (
        retail.number("bad_debt_share") if not isinstance(retail["bad_debt_share"], RegimeQuantity) else True
    )


def test_absent_fields_take_the_default_or_stay_empty(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path))
    assert case.costs.number("draw_share").mid == 0.6
    assert case.costs.number("draw_share").because == "secondhall's default"
    assert case.market.shares("start_regime") == (0.0, 1.0, 0.0)
    assert case.market.regimes("mean_months").mids == (30, 60, 24)
    assert case.halls["one"]["second_limit"] is None
    assert case.halls["one"].month("lease_end") is None
    assert case.halls["one"].text("state") == "open"
    assert case.options["two"].integer("times") == 1
    assert [phase.months_after_commit for phase in case.options["two"].phases()] == [18, 30]


def test_a_source_alone_makes_no_fact(tmp_path: Path) -> None:
    yaml = bent(
        MINIMAL, "cash: {value: 2000000, source: S1, kind: fact}", "cash: {value: 2000000, source: S1}"
    )
    assert read_case(write_case(tmp_path, yaml=yaml)).finance.number("cash").kind is Kind.INFERENCE


def test_values_without_source_or_reason_are_one_doubt_a_section(tmp_path: Path) -> None:
    yaml = bent(MINIMAL, "cash: {value: 2000000, source: S1, kind: fact}", "cash: 2000000\n  tax_rate: 0.3")
    _, faults = check_case(write_case(tmp_path, yaml=yaml))
    assert [(fault.column, fault.found) for fault in faults] == [
        ("finance", "2 without source or reason: cash, tax_rate")
    ]


def test_an_overlay_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    overlay = (
        "decision_dates:\n  2026-07:\n    finance:\n      cash: {value: 5, because: x}\n"
        "    options:\n      two:\n"
    )
    case = read_case(write_case(tmp_path, yaml=MINIMAL + overlay))
    later = case.at(Month.parse("2026-07"))
    assert case.decision_dates == (Month.parse("2026-07"),)
    assert (later.start, later.finance.number("cash").mid) == (Month.parse("2026-07"), 5)
    assert later.finance.number("tax_rate").mid == case.finance.number("tax_rate").mid
    assert (list(case.options), list(later.options)) == (["two"], [])
    assert case.finance.number("cash").mid == 2_000_000
    assert case.at(case.start) is case
    with pytest.raises(InputError, match="2026-07"):
        case.at(Month.parse("2027-01"))


def test_known_facts_never_tell_what_came_later(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files=ALL))
    assert [fact.fact for fact in case.known_facts(Month.parse("2025-01"))] == []
    assert [fact.fact for fact in case.known_facts(Month.parse("2025-02"))] == ["1"]
    assert [fact.fact for fact in case.known_facts(Month.parse("2025-12"))] == ["1"]
    assert [fact.fact for fact in case.known_facts(Month.parse("2026-01"))] == ["1", "2"]


def test_plans_in_order_of_month(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files=ALL))
    assert [(str(act.month), act.action, act.target) for act in case.plans["as planned"]] == [
        ("2026-06", "commit", "two"),
        ("2026-09", "freeze_hiring", None),
    ]


def test_the_hash_of_every_file_that_was_read(tmp_path: Path) -> None:
    assert set(read_case(write_case(tmp_path, files=ALL)).hashes) == {"case.yaml", *ALL}


def test_provenance_keeps_facts_from_assumptions(tmp_path: Path) -> None:
    rows = {(row.section, row.id, row.field): row for row in read_case(write_case(tmp_path)).provenance()}
    cash = rows["finance", "", "cash"]
    assert (cash.value, cash.unit, cash.kind, cash.origin) == (
        "2,000,000", "EUR", Kind.FACT, "Annual report 2025, page 12",
    )  # fmt: skip
    assert rows["segments", "retail", "list_price_per_unit_month"].value == "150 (130 to 180, 90%)"
    assert rows["costs", "", "draw_share"].kind is Kind.ASSUMPTION
    assert rows["pipeline", "", "lead"].value == "0.1"
    assert ("halls", "one", "lease_end") not in rows


def test_what_contracts_replace_is_listed_as_their_fact(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files=ALL))
    row = next(row for row in case.provenance() if (row.id, row.field) == ("retail", "installed_units"))
    assert (row.value, row.kind, row.origin) == ("120", Kind.FACT, "contracts ledger")


def write_sheet(path: Path, frame: pl.DataFrame) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("any")
        month = book.add_format({"num_format": "yyyy-mm"})
        sheet.write_row(0, 0, frame.columns)
        for number, row in enumerate(frame.iter_rows(), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str) and len(cell) == 7 and cell[4] == "-":
                    date = pl.Series([cell + "-01"]).str.to_date()[0]
                    sheet.write_datetime(number, column, date, month)
                else:
                    sheet.write(number, column, cell)


def test_csv_parquet_and_excel_give_the_same_ledger(tmp_path: Path) -> None:
    csv = read_case(write_case(tmp_path / "csv", files={"contracts.csv": CONTRACTS})).contracts
    frame = pl.read_csv(CONTRACTS.encode())
    frame.with_columns(pl.col("signed", "start").str.to_date("%Y-%m")).write_parquet(
        write_case(tmp_path / "parquet") / "contracts.parquet"
    )
    write_sheet(write_case(tmp_path / "xlsx") / "contracts.xlsx", frame)
    assert csv is not None
    assert csv.equals(read_case(tmp_path / "parquet").contracts)
    assert csv.equals(read_case(tmp_path / "xlsx").contracts)


@pytest.mark.parametrize("change", ["\ufeff", "crlf", "quotes"])
def test_a_mark_line_ends_and_quotes_change_nothing(tmp_path: Path, change: str) -> None:
    text = {
        "\ufeff": "\ufeff" + CONTRACTS,
        "crlf": CONTRACTS.replace("\n", "\r\n"),
        "quotes": CONTRACTS.replace("alpha", '"alpha"'),
    }[change]
    plain = read_case(write_case(tmp_path / "a", files={"contracts.csv": CONTRACTS}))
    other = read_case(write_case(tmp_path / "b", files={"contracts.csv": text.encode()}))
    assert plain.contracts is not None
    assert plain.contracts.equals(other.contracts)
    yaml = MINIMAL.replace("\n", "\r\n") if change == "crlf" else "\ufeff" + MINIMAL
    assert read_case(write_case(tmp_path / "c", yaml=yaml)).name == "small"


def test_months_are_ordinals_and_periods_have_first_and_length(tmp_path: Path) -> None:
    accounts = "period,line,value\n2024,revenue,1\n2025-Q2,cash,2\n2025-11,sold,3\n"
    case = read_case(write_case(tmp_path, files={"accounts.csv": accounts, "contracts.csv": CONTRACTS}))
    assert case.accounts is not None
    assert case.contracts is not None
    assert [str(Month(first)) for first in case.accounts["first"]] == ["2024-01", "2025-04", "2025-11"]
    assert case.accounts["months"].to_list() == [12, 3, 1]
    assert str(Month(case.contracts["start"][0])) == "2023-11"


def test_a_revenue_that_is_not_the_sum_of_its_activities_is_a_doubt(tmp_path: Path) -> None:
    accounts = (
        "period,line,value\n2025,revenue,100\n2025,hosting_revenue,60\n"
        "2025,services_revenue,20\n2025,equipment_revenue,10\n"
    )
    case, faults = check_case(write_case(tmp_path, files={"accounts.csv": accounts}))
    assert case is not None
    assert [(f.severity, f.line, f.found) for f in faults] == [
        (Severity.DOUBT, 2, "a revenue of 100.00 in 2025, and activities of 90.00")
    ]


def test_a_figure_far_from_what_is_usual_for_its_line_is_a_doubt(tmp_path: Path) -> None:
    """A figure in thousands among figures in units; two figures alone say nothing of what is usual."""
    accounts = "period,line,value\n" + "".join(
        f"{period},{line},{value}\n"
        for line, values in {
            "services_revenue": (1000.0, 1200.0, -1e12, 900.0),
            "cash": (5.0, 4e5),
            "bad_debt": (0, 0, 0, 7e4),
        }.items()
        for period, value in zip(("2025-07", "2025-08", "2025-09", "2025-10"), values, strict=False)
    )
    _, faults = check_case(write_case(tmp_path, files={"accounts.csv": accounts}))
    assert [(f.severity, f.line, f.found) for f in faults] == [
        (Severity.DOUBT, 4, "-1e+12 for services_revenue, where 1,100 is usual")
    ]


def test_an_empty_ledger_is_no_evidence(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files={"contracts.csv": CONTRACTS.splitlines()[0] + "\n"}))
    assert case.contracts is None
    assert case.opening.customers[0] == 100


def test_a_case_can_be_sent_to_another_process(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files=ALL))
    again = pickle.loads(pickle.dumps(case))
    assert again.finance.number("cash") == case.finance.number("cash")
    assert again.segments["retail"].line == case.segments["retail"].line


def test_an_unknown_name_suggests_a_bundled_case() -> None:
    _, faults = check_case("no such case at all")
    assert faults[0].file == "no such case at all"
