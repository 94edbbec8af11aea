"""Invented diplomacy about Syria: what the shipped topic is meant to find."""

from worker.demo.banks.bank import Bank

_HEADLINES = (
    "Envoy {person_name} arrives in Damascus for talks on {issue}",
    "Syria and mediators agree to resume talks in {city}",
    "Syria's foreign minister to meet envoy in {city} over {issue}",
    "Ceasefire in {front} holds as Damascus talks enter day {round}",
    "Talks on Syria in {city} adjourn without deal on {issue}",
    "Damascus accepts {weeks}-week ceasefire extension, envoy says",
    "Foreign ministers back Syria ceasefire plan at {city} meeting",
    "Syria talks: mediators table {pages}-page draft on {issue}",
)
_RIVALS = (
    "What the {city} meeting means for Syria and the talks on {issue}",
    "{person_name} hopeful after Damascus talks, diplomats wary",
    "Mediators press Syria on {issue} as ceasefire clock ticks",
    "In {city}, another round of Syria talks and a cautious envoy",
)
_LEAD = (
    "{person}, the special envoy of the mediating group, opened a new round of talks on Syria in "
    "{city} on {day}, saying that an understanding on {issue} was within reach.",
    "Syria's foreign minister told reporters in Damascus on {day} that his government would send "
    "a delegation of {delegates} to ceasefire talks in {city} by the end of the week.",
    "Mediators said on {day} that Damascus had agreed in principle to extend the ceasefire in "
    "{front} by {weeks} weeks while talks on {issue} go on in {city}.",
    "Talks between Damascus and its neighbours on {issue} went into a {ordinal} day in {city} on "
    "{day}, with the envoy {person} moving between two floors of a lakeside hotel.",
    "A {pages}-page proposal on {issue} was handed to Syria's foreign minister on {day}, according "
    "to {officials} officials briefed on the talks in {city}.",
)
_DETAIL = (
    "The draft, seen in part by reporters, foresees the opening of {crossings} crossings, a joint "
    "committee with a seat in {place}, and a review every {review} days.",
    "Under the plan {trucks} lorries a day would pass through {place}, up from {fewer} at present, "
    "and the two sides would exchange lists of detainees within {review} days.",
    "Delegates have settled {settled} of {points} points, a person close to the mediation said; "
    "the order of steps in {place} and the question of guarantees remain open.",
    "At the heart of the dispute is a {kilometres}-kilometre strip near {place}, where each side "
    "accuses the other of having moved checkpoints since the spring.",
)
_QUOTE = (
    '"Nobody is going home with everything," {person_name} said after a session of {hours} hours. '
    '"But for the first time both papers use the same words for the same things."',
    '"The guns have been quiet in {front} for {quiet} nights, and that is the best argument we '
    'have," {person} told reporters. "I would rather have a slow text than a fast failure."',
    '"We came with a mandate and we will leave with a signature or a date," said {second}, who '
    "leads the delegation from Damascus. He did not take questions.",
    '"It is a narrow bridge and {points} people are trying to cross it at once," said '
    "{person_name}, "
    "a former judge who took over the mediation {months} months ago.",
)
_OTHER_SIDE = (
    "{second}, a member of the opposition's negotiating committee, was more guarded. The offer on "
    "{issue} was an improvement, {second_name} said, but earlier promises had not survived the "
    "drive back to {place}.",
    "Diplomats from {officials} countries that follow the process warned that a dispute over the "
    "wording on {issue} had already cost {review} days and could cost more.",
    "Residents of {place} reached by telephone said that markets had reopened on {day} for the "
    "first time in {weeks} weeks, though few believed that the calm would last the winter.",
    "A spokeswoman for the council in {place}, {second}, said that local representatives had not "
    "been consulted and would judge any agreement by whether electricity came back.",
)
_BACKGROUND = (
    "The ceasefire in {front} was first declared {months} months ago and has been extended "
    "{settled} times. Monitors recorded {incidents} incidents last month, the fewest since they "
    "began to count.",
    "It is the {ordinal} meeting of its kind since the spring. The previous one broke up after "
    "{hours} hours when the delegations could not agree on who would sit at the head of the table.",
    "Aid agencies say that {families} families have returned to villages around {place} since the "
    "summer, and that {fewer} schools have been repaired with money from the mediating states.",
    "The mediating group, which has its office in {city}, was set up {months} months ago with a "
    "staff of {delegates} and a mandate limited to {issue}.",
)
_ANALYSIS = (
    "{third}, who studies negotiations at the University of {city}, said that the sequence "
    "mattered more than the text: whoever moved first in {front} would have to trust the other for "
    "at least {review} days.",
    "Analysts cautioned against reading too much into the mood. In {points} rounds of contacts "
    "since the winter, {third} of the {city} Centre for Mediation noted, optimism had been the "
    "least reliable sign.",
    "For the neighbours the price of failure is plain, said {third}, an economist: freight through "
    "{place} has fallen by {percent} per cent, and insurers have stopped quoting for the road.",
)
_END = (
    "The delegations are to meet again on {next_day} morning. A statement was expected late in the "
    "evening, an aide to {person_name} said, and it would be short.",
    "If the text holds, foreign ministers of the region would be asked to endorse it in {city} "
    "within {review} days. No date has been announced.",
    "Observers will travel to {place} on {next_day} to see whether the first {crossings} crossings "
    "can be opened. The weather, officials added, may delay the convoy.",
)

SYRIA = Bank(
    subject="syria",
    matches=True,
    headlines=_HEADLINES,
    rival_headlines=_RIVALS,
    paragraphs=(_LEAD, _DETAIL, _QUOTE, _OTHER_SIDE, _BACKGROUND, _ANALYSIS, _END),
    additions=(
        "Late on {day} the foreign minister's office in Damascus said that it had received the "
        "amended text and would answer within {review} hours. {person_name} called that normal.",
        "Shortly after the session two members of the delegation left for Damascus with a copy of "
        "the text. The talks were not suspended, a spokesman for the envoy said.",
    ),
    facts={
        "city": ("Geneva", "Vienna", "Muscat", "Amman", "Doha", "Nicosia", "Oslo", "Valletta"),
        "issue": (
            "border crossings", "detainees", "the return of displaced families", "fuel convoys",
            "water from the upper dam", "joint monitoring", "the northern road", "rail freight",
        ),
        "front": ("the north-east", "the southern hills", "the coastal valley", "the desert belt"),
        "place": (
            "Deir Salim", "Tell Marwan", "Qasr al-Nahr", "Khirbet Zein", "Ain Darwish", "Wadi "
            "Rumman",
        ),
        "ordinal": ("second", "third", "fourth", "fifth", "sixth"),
        "next_day": ("Monday", "Thursday", "Saturday"),
        "round": range(2, 9),
        "weeks": range(2, 13),
        "pages": range(6, 48),
        "delegates": range(9, 41),
        "officials": range(3, 9),
        "crossings": range(2, 7),
        "review": range(10, 46),
        "trucks": range(120, 480, 5),
        "fewer": range(11, 95),
        "settled": range(3, 9),
        "points": range(10, 24),
        "kilometres": range(8, 96),
        "hours": range(4, 17),
        "quiet": range(5, 60),
        "months": range(3, 30),
        "incidents": range(4, 70),
        "families": range(800, 9600, 10),
        "percent": range(12, 58),
    },
)  # fmt: skip
