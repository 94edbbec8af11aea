"""Invented weather: warnings, gauges and people who have seen worse."""

from worker.demo.banks.bank import Bank

WEATHER = Bank(
    subject="weather",
    matches=False,
    headlines=(
        "Storm {storm} cuts power to {homes} homes on the {coast} coast",
        "Up to {rain} millimetres of rain expected in {region} on {day}",
        "Early snow closes {passes} passes in {region}",
        "{river} river crests at {gauge} centimetres after storm {storm}",
    ),
    rival_headlines=(
        "{storm} moves on and leaves {region} counting the cost",
        "Watch: {river} river near its banks as {storm} passes",
        "Ferries idle, schools shut: {region} waits for {storm} to pass",
    ),
    paragraphs=(
        (
            "Storm {storm} reached the {coast} coast early on {day} with gusts of {wind} "
            "kilometres an hour, bringing down trees and leaving {homes} homes without "
            "electricity.",
            "The weather service raised its warning for {region} to the second-highest level on "
            "{day}, forecasting {rain} millimetres of rain within {hours} hours.",
            "Heavy snow fell on {region} overnight to {day}, closing {passes} mountain passes and "
            "stranding about {stranded} motorists, some of them for {hours} hours.",
        ),
        (
            "In {town} the {river} river stood at {gauge} centimetres at noon, a little below the "
            "mark of {older} years ago that is cut into the wall of the fish market.",
            "Crews had restored power to {restored} of the homes by the afternoon, the grid "
            "operator said. The rest, most of them on farms near {town}, would have to wait.",
            "At the station above {town} the wind tore away the instrument that was measuring it. "
            "The last reading, an observer said, was {wind} kilometres an hour.",
        ),
        (
            '"We moved {cows} animals to the upper barn at four in the morning," said {person}, a '
            'farmer near {town}. "My grandfather built it for nights like this and everyone '
            'laughed."',
            '"It is not a record, and I wish people would stop asking," said {person} of the '
            'weather service. "It is a proper storm in the month in which storms come."',
            '"The water came up {steps} steps and then it stopped to think," said {person}, who '
            "keeps a bakery by the bridge and had stacked flour to the ceiling.",
        ),
        (
            "Ferries to the islands were cancelled until {next_day}, and trains between {town} and "
            "the capital ran with delays of up to {delay} minutes.",
            "Schools in {districts} districts stayed shut. The fire brigade counted {calls} calls "
            "before breakfast, most of them for cellars and fallen branches.",
            "The road along the {river} was closed between {town} and the dam, where a slide of "
            "about {tonnes} tonnes of earth had come down at kilometre {marker}.",
        ),
        (
            "The low that brought the storm formed {hours} hours earlier over unusually mild "
            "water. It should pass to the east in the night, and the wind will turn to the north.",
            "So far this month {region} has had {rain} millimetres of rain, {percent} per cent "
            "more than in an average year. The reservoirs, low in the summer, are almost full.",
            "Forecasters compared the situation with that of {older} years ago, when a similar "
            "storm stayed for {steps} days. This one, they added, is in a greater hurry.",
        ),
        (
            "The mayor of {town}, {second}, asked people to stay away from the embankment, where "
            "{stranded} onlookers had gathered with cameras by the early evening.",
            "Volunteers filled {bags} sandbags in the yard of the {town} brewery. Soup was handed "
            "out, {second} of the town council said, and so was a certain amount of beer.",
            "Insurers put the damage at {percent} million crowns, a preliminary figure that does "
            "not include the greenhouses around {town}.",
        ),
        (
            "A second, weaker front is expected on {next_day}. Temperatures will fall to about "
            "{cold} degrees below zero in the valleys.",
            "The warning remains in force until {next_day} at six in the morning and may be "
            "extended, the service said.",
        ),
    ),
    additions=(
        "By evening the number of homes without power had fallen to {restored}. The grid operator "
        "said that the last line, across the marsh near {town}, could be reached only by boat.",
        "The service lowered its warning by one level in the evening. The {river} would stay above "
        "{gauge} centimetres until {next_day}, it added.",
    ),
    facts={
        "storm": ("Agnete", "Bruno", "Cosima", "Detlef", "Elin", "Fabian", "Gudrun", "Henrik"),
        "coast": ("western", "northern", "southern"),
        "region": ("the Upper Varn", "Westmark", "the Lake District of Kell", "Nordhavn county"),
        "river": ("Varn", "Elsa", "Tarn", "Moll"),
        "town": ("Brunnby", "Kellheim", "Saint-Ursin", "Altmarkt", "Fossum"),
        "next_day": ("Wednesday", "Friday", "Sunday"),
        "homes": range(2100, 41000, 50),
        "restored": range(400, 2000, 10),
        "rain": range(42, 170),
        "passes": range(3, 12),
        "gauge": range(310, 790),
        "wind": range(88, 171),
        "hours": range(6, 31),
        "stranded": range(40, 600, 5),
        "older": range(11, 84),
        "cows": range(22, 140),
        "steps": range(3, 9),
        "delay": range(35, 190, 5),
        "districts": range(3, 17),
        "calls": range(70, 820),
        "tonnes": range(60, 900, 10),
        "marker": range(4, 78),
        "percent": range(9, 61),
        "bags": range(1500, 12000, 100),
        "cold": range(3, 16),
    },
)
