"""Invented markets: figures carry the story."""

from worker.demo.banks.bank import Bank

SUBJECTS = ("copper", "wheat", "natural gas", "coffee", "palladium", "freight rates", "rapeseed")

MARKETS = Bank(
    subject="markets",
    matches=False,
    headlines=(
        "{good} at {weeks}-week high as {company} cuts forecast",
        "{index} index closes up {percent} per cent, led by {sector}",
        "{company} lifts dividend after profit rises {growth} per cent",
        "{good} slips as stocks in {port} warehouses swell to {tonnes} tonnes",
    ),
    rival_headlines=(
        "Traders shrug off {company} warning as {sector} shares gain",
        "Why {good} moved today, and what {company} has to do with it",
        "Market report: {sector} in front, {good} in focus",
    ),
    paragraphs=(
        (
            "The {index} index closed {percent} per cent higher at {level} points on {day}, "
            "carried by {sector} shares and by relief over quarterly figures from {company}.",
            "The price of {good} rose by {percent} per cent on {day} to its highest in {weeks} "
            "weeks after {company} said that it would produce less than planned.",
            "Shares of {company} gained {growth} per cent on {day} after the group reported a "
            "profit of {profit} million crowns and raised its dividend for the {ordinal} year.",
        ),
        (
            "Turnover reached {turnover} million shares, against a daily average of {average} "
            "million this quarter. {advance} stocks advanced and {decline} declined.",
            "Volumes were thin ahead of the holiday, with {turnover} million shares changing "
            "hands, and several dealers described the move as larger than the news deserved.",
            "Options traders had expected a swing of about {growth} per cent in either direction. "
            "What they got was a slow climb that began {advance} minutes after the opening.",
        ),
        (
            '"People were positioned for something much worse," said {person}, who manages a fund '
            'of {profit} million crowns at {house}. "When it did not come they had to buy."',
            '"I would not call this a turn," said {person} of {house}. "I would call it a market '
            'that ran out of sellers at {level} and went looking for some higher up."',
            '"The order book is full for {months} months," the chief executive, {person}, told '
            'analysts. "Our problem is not selling, it is finding lorries."',
        ),
        (
            "{company} expects sales to grow by {percent} to {growth} per cent this year and plans "
            "to spend {average} million crowns on a second plant near {port}.",
            "Stocks of {good} in warehouses licensed by the exchange stood at {tonnes} tonnes, the "
            "port authority of {port} said, {decline} per cent below last year.",
            "In {port}, where {good} is loaded for export, the queue of ships has shortened from "
            "{advance} to {weeks} since the new crane went into service.",
        ),
        (
            "Bond prices moved little. The yield on the ten-year note slipped by {weeks} basis "
            "points, and the crown was unchanged in late trading.",
            "Among the day's losers was the retailer {other}, down {percent} per cent after the "
            "departure of its finance director, {second}, was made public.",
            "Smaller companies did not follow. The index of firms with fewer than {average} "
            "employees ended {decline} points lower for the {ordinal} day in a row.",
        ),
        (
            "{second}, an economist at {house}, noted that wages in the {sector} sector had risen "
            "by {percent} per cent, faster than prices, and that households might start to notice "
            "by the spring.",
            "The statistics office publishes figures for industrial output on {next_day}. Of "
            "{advance} economists asked, most expect a rise of less than one per cent.",
            "Forecasters at {house} left their year-end target at {level} points. Their model, "
            "{second} said, had been wrong by {decline} points on average, mostly upwards.",
        ),
        (
            "Trading resumes on {next_day} at nine. {other} and two suppliers of {company} report "
            "before the bell.",
            "The exchange will open an hour late on {next_day} because of work on its computers, "
            "a spokesman, {third}, said.",
        ),
    ),
    additions=(
        "After the close {company} said that its chairman, {third}, would retire in {months} "
        "months. The shares moved by less than one per cent in late dealing.",
        "The exchange later corrected the day's turnover to {average} million shares, citing a "
        "duplicate file. Closing prices were not affected.",
    ),
    facts={
        "good": SUBJECTS,
        "index": ("Norland 50", "Baltica", "Meridian All-Share", "Kronen"),
        "company": ("Hallmark Smelting", "Ostrava Rail", "Brightwater Foods", "Kestrel Marine"),
        "other": ("Lund & Daughters", "Pantry Group", "Marlow Stores", "Quist"),
        "sector": ("shipping", "machinery", "chemical", "insurance", "timber"),
        "house": ("Falk Partners", "Oriel Bank", "Tessin & Cie", "Harbour Asset Management"),
        "port": ("Ellery", "Brask", "Sundby", "Almenara"),
        "ordinal": ("second", "third", "fourth", "seventh"),
        "next_day": ("Monday", "Wednesday", "Thursday"),
        "weeks": range(3, 40),
        "percent": ("0.7", "1.2", "1.4", "1.9", "2.3", "2.6", "3.1"),
        "growth": range(5, 28),
        "level": range(2100, 9800, 3),
        "profit": range(110, 990),
        "turnover": range(70, 480),
        "average": range(60, 390),
        "advance": range(18, 77),
        "decline": range(11, 69),
        "tonnes": range(14000, 96000, 25),
        "months": range(4, 19),
    },
)
