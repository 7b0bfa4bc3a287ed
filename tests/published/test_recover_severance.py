"""Worked examples of the statutory indemnity, to the cent, from the pages that give them."""

from datetime import date
from decimal import Decimal

import pytest

from secondhall.recover.law.law import Seniority, read_law
from secondhall.recover.law.severance import reference_salary, statutory_severance

FRANCE = read_law("france")
TODAY = date(2026, 11, 27)
IN_2002, IN_2001, IN_2008 = date(2002, 7, 1), date(2001, 12, 31), date(2008, 9, 30)

# https://www.service-public.fr/particuliers/vosdroits/F987, as of 23 June 2022.
SERVICE_PUBLIC = [("1500", Seniority(12, 9), TODAY, "5125.00")]
# Pages of advice, in the order: claloi.info "L'indemnité de licenciement"; juritravail.com Id/287654, twice
# (it cuts the cents of the second).
SINCE_2017 = [
    ("1500", Seniority(13), TODAY, "5250.00"),
    ("2500", Seniority(8), TODAY, "5000.00"),
    ("2500", Seniority(14), TODAY, "9583.33"),
]
# industrie-hoteliere.com "Loi de modernisation du marché du travail: précisions";
# acores.over-blog.com/article-23524810.html; davidan.org/529927, its first example.
SINCE_2008 = [
    ("3000", Seniority(18, 4), IN_2008, "14333.33"),
    ("2700", Seniority(14, 6), IN_2008, "9450.00"),
    ("1300", Seniority(6), IN_2008, "1560.00"),
]
# No worked example was found for these. By R122-2 since 5 May 2002 (2/10 a year, and 2/15 more beyond ten
# years): 3000 (2/10 12.5 + 2/15 2.5) = 3000 (2.5 + 1/3) = 8500; 2.5 years: 3000 2/10 2.5 = 1500.
# Before, at half of it: 3000 (1/10 12.5 + 1/15 2.5) = 4250; 3000 1/10 2.5 = 750.
BY_THE_ARTICLE = [
    ("3000", Seniority(12, 6), IN_2002, "8500.00"),
    ("3000", Seniority(2, 6), IN_2002, "1500.00"),
    ("3000", Seniority(12, 6), IN_2001, "4250.00"),
    ("3000", Seniority(2, 6), IN_2001, "750.00"),
]


@pytest.mark.parametrize(
    ("salary", "seniority", "day", "amount"), [*SERVICE_PUBLIC, *SINCE_2017, *SINCE_2008, *BY_THE_ARTICLE]
)
def test_J1_gives_the_published_amounts_to_the_cent(
    salary: str, seniority: Seniority, day: date, amount: str
) -> None:
    assert statutory_severance(FRANCE, Decimal(salary), seniority, day) == Decimal(amount)


def test_J1_gives_the_official_amount_of_ten_years_full_time_and_three_half_time() -> None:
    # service-public F987: (2000 1/4 10) + (1000 1/3 3) = 6000; each part at the salary of its time.
    full, ten, all_years = Decimal(2000), Seniority(10), Seniority(13)
    half = full / 2
    later = statutory_severance(FRANCE, half, all_years, TODAY) - statutory_severance(
        FRANCE, half, ten, TODAY
    )
    assert statutory_severance(FRANCE, full, ten, TODAY) + later == Decimal("6000.00")


def test_J2_takes_the_better_mean_as_the_published_example_does() -> None:
    # legisocial.fr "Calcul de l'indemnité de licenciement, exemple 1": 18,300 over twelve months; three of
    # 1,450, 1,375 and 1,525 with a quarter of a yearly bonus of 1,525: (4,350 + 381.25) / 3 = 1,577.08.
    of_three = ((Decimal(1450 + 1375 + 1525) + Decimal(1525) / 4) / 3).quantize(Decimal("0.01"))
    assert reference_salary(Decimal(18300) / 12, of_three) == Decimal("1577.08")


@pytest.mark.parametrize(
    ("day", "least_months"),
    [(IN_2001, 24), (IN_2002, 24), (IN_2008, 12), (date(2017, 9, 26), 8), (TODAY, 8)],
)
def test_nothing_is_due_below_the_least_seniority_of_its_time(day: date, least_months: int) -> None:
    salary = Decimal(3000)
    assert statutory_severance(FRANCE, salary, Seniority(0, least_months - 1), day) == 0
    assert statutory_severance(FRANCE, salary, Seniority(0, least_months), day) > 0
