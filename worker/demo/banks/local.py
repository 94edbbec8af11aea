"""Invented news from round the corner."""

from worker.demo.banks.bank import Bank

LOCAL = Bank(
    subject="local",
    matches=False,
    headlines=(
        "{town} council votes {ayes} to {noes} for {project}",
        "{project} in {town} to cost {cost} million crowns more than planned",
        "{town} library reopens after {months} months with {books} new books",
        "Residents of {street} collect {names} signatures over {project}",
    ),
    rival_headlines=(
        "A narrow vote in {town}, and a long evening on {street}",
        "{person_name}: {project} will be finished, whatever it takes",
        "How {street} became the most argued-over address in {town}",
    ),
    paragraphs=(
        (
            "The council of {town} voted {ayes} to {noes} on {day} for {project}, ending a debate "
            "that had filled the hall on {street} for {evenings} evenings.",
            "{project} will cost {cost} million crowns more than planned and open {months} months "
            "late, the town of {town} admitted on {day}.",
            "More than {visitors} people queued on {street} in {town} on {day} to see what "
            "{months} months of building work and {cost} million crowns had made of the old "
            "customs house.",
        ),
        (
            "The money is to come from the sale of {plots} plots of land behind the station and "
            "from a grant that runs out at the end of next year.",
            "Engineers had found a brick culvert, {metres} metres long and on no map, when they "
            "began to dig. It is dry, sound, and about {age} years old.",
            "The plans were drawn by an office from the next town, chosen from {entries} entries "
            "by a jury that met {evenings} times and disagreed at each meeting.",
        ),
        (
            '"I have lived here for {age} years and I have never been asked so often what I '
            'think," said {person}, who runs a shoe repair shop on {street}. "It is quite tiring."',
            '"We were elected to decide, and now we have decided," said the mayor, {person}. "If '
            'it goes wrong you know where I live. It is number {number}."',
            '"My worry is not the noise, it is the {buses} buses an hour," said {person}, a '
            'teacher '
            "at the primary school across the road.",
        ),
        (
            "Opponents led by {second} had handed in {names} signatures and asked for a vote of "
            "all residents. The town clerk found {invalid} of them invalid, mostly for want of a "
            "date.",
            "A counter-proposal by {second}, an independent, would have kept the chestnut trees "
            "and moved the bus stop by {metres} metres. It failed by {margin} votes.",
            "The shopkeepers' association welcomed the news. Its chairwoman, {second}, said that "
            "{plots} premises stood empty and that customers followed building sites, in the end.",
        ),
        (
            "Work is to begin in {weeks} weeks and will close one side of {street} to cars. "
            "Deliveries will be allowed before nine in the morning.",
            "The first {books} visitors were given a linen bag. By the afternoon several had been "
            "offered for sale at the flea market, for {invalid} crowns.",
            "A citizens' panel of {evenings} members, drawn by lot, will watch over the spending "
            "and report every {weeks} weeks. Its first chairman is {third}, a retired surveyor.",
        ),
        (
            "It is the largest project in {town} since the swimming pool, which was opened {age} "
            "years ago and leaked from the first day.",
            "{town} has {people} inhabitants, {buses} more than a year ago. Rents on {street} have "
            "risen by {percent} per cent in that time.",
            "The history society, which keeps {books} photographs of the quarter, will show a "
            "selection in the windows of {street} from next month.",
        ),
        (
            "The council meets again on {next_day}. On its agenda are the Christmas lights and, "
            "for the {evenings}th time, the pigeons.",
            "Plans can be seen at the town hall on {street} until {next_day}, from nine to four, "
            "except at lunch.",
        ),
    ),
    additions=(
        "The mayor's office later gave the number of signatures as {names} after a recount, and "
        "thanked {third_name} for pointing out the mistake.",
        "On the evening of the vote {second_name} said that the group would not go to court. It "
        "would instead enter the next election with a list of its own.",
    ),
    facts={
        "town": ("Brunnby", "Ellery", "Kellheim", "Saint-Ursin", "Old Marlow", "Fossum", "Pella"),
        "street": ("Tanner Street", "Station Road", "Customs Quay", "Linden Lane", "Mill Row"),
        "project": (
            "the new tram stop", "the covered market", "the canal bridge", "the cycle street",
            "the school extension", "the quay garden",
        ),
        "next_day": ("Tuesday", "Thursday", "Monday"),
        "ayes": range(19, 34),
        "noes": range(8, 18),
        "margin": range(2, 9),
        "cost": range(3, 48),
        "months": range(5, 31),
        "books": range(900, 7400, 20),
        "names": range(1100, 6900),
        "evenings": range(4, 14),
        "visitors": range(350, 2900, 10),
        "plots": range(4, 19),
        "metres": range(15, 140),
        "age": range(31, 160),
        "entries": range(12, 66),
        "number": range(3, 118),
        "buses": range(10, 29),
        "invalid": range(20, 190),
        "weeks": range(3, 15),
        "people": range(9200, 64000, 3),
        "percent": range(4, 23),
    },
)  # fmt: skip
