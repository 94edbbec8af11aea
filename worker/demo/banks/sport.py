"""Invented football: reports that share a frame and differ in their facts."""

from worker.demo.banks.bank import Bank

SPORT = Bank(
    subject="sport",
    matches=False,
    headlines=(
        "{home} beat {away} {won}-{lost} after late goal by {person_name}",
        "{person_name} strikes in minute {minute} as {home} win {won}-{lost} at {away}",
        "{home} end run of {run} matches without victory against {away}",
        "Late drama at {ground}: {home} {won}, {away} {lost}",
    ),
    rival_headlines=(
        "{person_name} the hero as {home} climb to place {place}",
        "{away} left to rue missed chances at {ground}",
        "Five things we learned from {home} against {away}",
    ),
    paragraphs=(
        (
            "{person} scored in the {minute}th minute to give {home} a {won}-{lost} victory over "
            "{away} at {ground} on {day}, in front of {crowd} spectators.",
            "{home} needed until the {minute}th minute and a header by {person} to see off {away} "
            "{won}-{lost} on a wet {day} evening at {ground}.",
            "A crowd of {crowd} saw {home} come from behind to beat {away} {won}-{lost} on {day}, "
            "{person} scoring the decisive goal in the {minute}th minute at {ground}.",
        ),
        (
            "The visitors had the better of the first half, with {shots} shots to {few}, and "
            "should have led by more than the single goal that {second} gave them from a corner.",
            "For an hour there was little to choose between the sides. {second} hit the post for "
            "{away} after {early} minutes, and {home} had {few} attempts before the interval.",
            "{away} began as though they had a train to catch, and {second} had the ball in the "
            "net after {early} minutes, only for the flag to go up on the far side.",
        ),
        (
            '"We spoke at half-time about patience," said the {home} coach, {third}. "There are '
            'evenings when you run {distance} kilometres and still need one good bounce."',
            '"I have played {games} matches for this club and that was the longest {left} minutes '
            'of them all," {person_name} said, a plaster over one eyebrow.',
            '"You cannot give a team like {home} that much room at the far post," said {third}, '
            "whose side have now conceded {shots} goals from set pieces.",
        ),
        (
            "The turning point came when {away} lost their captain to a knee injury. Within {few} "
            "minutes {home} had equalised through a deflected shot that left the goalkeeper on the "
            "wrong foot.",
            "A double substitution after the hour changed the game. The pace of {person_name} on "
            "the left drew three fouls and, in time, the mistake from which the winner came.",
            "The referee added {added} minutes, much to the annoyance of the away bench, which "
            "felt that the ball had gone out of play before the decisive cross.",
        ),
        (
            "{home} move up to place {place} with {points} points from {played} matches and are "
            "now unbeaten at home since the end of August.",
            "The result leaves {away} {few} points above the relegation places, with a game in "
            "hand and a difficult month ahead.",
            "It was only the {run}th victory of {home} over {away} in {games} meetings, a run that "
            "goes back to the days of wooden stands.",
        ),
        (
            "The club said that {second_name} would have a scan on his ankle on {next_day}. He "
            "left the ground on crutches but smiling, with the match ball under his arm.",
            "Supporters stayed in their seats long after the whistle, singing the name of a player "
            "who, {games} days ago, had been training with the reserves.",
            "Tickets for the return match, to be played in {months} weeks, go on sale to members "
            "on {next_day} at nine in the morning.",
        ),
        (
            "{home} travel to {other} next, where they have not won since the league was enlarged. "
            "{away} are at home to the champions on {next_day}.",
            "Next for {home} is a cup tie against {other} of the second division. {away} have ten "
            "days without a match, which their coach called a blessing.",
        ),
    ),
    additions=(
        "The league later credited the opening goal to {second_name} after studying the pictures "
        "from {few} angles, and fined {away} for arriving {early} minutes late.",
        "After the match the club announced that {person_name} had signed a contract for {months} "
        "more months, ending weeks of talk about a transfer to {other}.",
    ),
    facts={
        "home": ("Harbour United", "Norrby Athletic", "Castra City", "Real Almenara", "FC Sundby"),
        "away": ("Port Ellery", "Dynamo Brask", "Olympia Verra", "Rovers of Kell", "Sankt Lorenz"),
        "other": ("Ostermark", "Villa Ronda", "Tarn Wanderers", "Inter Pella", "Lakeside"),
        "ground": ("the Quayside", "Millfield Park", "the Arena Norte", "Foundry Road"),
        "next_day": ("Tuesday", "Friday", "Sunday"),
        "minute": (74, 75, 76, 77, 78, 79, 84, 85, 86, 87, 88, 89),
        "run": range(4, 15),
        "won": range(2, 5),
        "lost": (1,),
        "crowd": range(4100, 38900, 7),
        "left": range(4, 12),
        "shots": range(9, 19),
        "few": range(3, 8),
        "early": range(9, 27),
        "distance": range(98, 121),
        "games": range(25, 260),
        "added": range(5, 11),
        "place": range(2, 14),
        "points": range(11, 46),
        "played": range(9, 22),
        "months": range(3, 36),
    },
)
