"""What a juror can say: for each slot the sentences to choose from; {names} in them are facts of the take.

Slots: `great` to `weak` open by what the juror feels; `silent`, `lost` and `back` speak of takes without a voice;
`score` tells the juror's own part; `yes` and `no` the vote; the others are details, each with the facts it needs.
"""

Slots = dict[str, tuple[str, ...]]
Grammar = dict[str, Slots]  # by persona
