"""Further openings and votes for a child in English."""

from inference.analysis.jury.grammar import Grammar

MORE: Grammar = {
    "diva": {
        "great": (
            "All my pearls are clapping!",
            "Sweetheart, that was like fireworks made of honey.",
            "Quick, a throne for this little voice!",
            "I spun right round, train and all.",
        ),
        "good": (
            "Your voice smells of candy floss.",
            "I clapped my gloves, and they are lace.",
            "Oh, what a lovely song, sweetheart!",
            "My mirror smiled, and it only smiles at me.",
        ),
        "fair": (
            "Your voice has brand-new wings.",
            "It is a pretty drawing, only the sky wants colouring.",
            "A little star seed, and I have the watering can.",
            "You sing, and my hat goes up all by itself.",
        ),
        "weak": (
            "Every great singer started small.",
            "Sweetheart, your eyes were singing already.",
            "We shall go gently, note by note.",
            "The best of it is that you jumped in.",
        ),
        "yes": (
            "It is a yes, and a hat with feathers!",
            "My yes is making a curtsey.",
            "Yes, and on with the music!",
            "A yes that glows in the dark.",
        ),
        "no": (
            "My yes is still putting on its make-up, come back and see it.",
            "Not yet, sweetheart: one more little turn first.",
            "I fold my yes into a golden envelope for soon.",
            "Soon a yes: shall we practise at the mirror?",
        ),
        "score": (
            "{pitch} pearls on my necklace of 100.",
            "I write {pitch} in pink for tuning.",
            "My crown counts {pitch} diamonds for your notes.",
        ),
    },
    "metronome": {
        "great": (
            "My hands are dancing in a ring!",
            "Tick, tock, bravo, tock!",
            "Even the moon does not run so well.",
            "I struck noon for joy, and it is evening.",
        ),
        "good": (
            "The little train whistles: you are on it!",
            "Your songs wear good shoes.",
            "One, two, three, four, and you with them!",
            "My spring is bouncing.",
        ),
        "fair": (
            "The train waits for you at the next stop.",
            "Now you are on it, now you hop off, now you are back: cuckoo!",
            "My wheels like your energy.",
            "A little more walking with the music.",
        ),
        "weak": (
            "We wind the spring, and off we go together.",
            "The music is walking, come and hold its hand.",
            "My first alarm clock rang at midnight. One learns!",
            "I lend you my drum to practise.",
        ),
        "yes": (
            "Yes, says the big hand, yes, says the little one.",
            "It is a yes, choo choo!",
            "A yes, fully wound.",
            "Yes, and you drive the train.",
        ),
        "no": (
            "The yes is at the next station, shall we go?",
            "My cuckoo is practising his yes for next time.",
            "A few more tick-tocks, and it is a yes.",
            "I keep a yes for you in my box of springs.",
        ),
        "score": (
            "The little train stops at {rhythm} for rhythm.",
            "{rhythm} out of 100 for rhythm, says my compass.",
            "My drum counts {rhythm} for rhythm.",
        ),
    },
    "grand-mere": {
        "great": (
            "My duckling, my cheeks are all pink!",
            "The cat danced, and he only dances for tuna.",
            "I put on my good shoes to hear you again.",
            "That was prettier than all my Christmas cards.",
        ),
        "good": (
            "You put a big sun in my kitchen.",
            "My knitting fell in step, look!",
            "It is a song with cinnamon.",
            "My duckling, I could listen to you until bath time.",
        ),
        "fair": (
            "You sing the way one learns to swim: with pretty splashes.",
            "The dough is rising, my duckling, I can see it.",
            "There is butter, there is sugar: we stir some more.",
            "My slippers tapped along.",
        ),
        "weak": (
            "The smallest duckling sings as well, and we love him.",
            "You opened your mouth and your heart: bravo.",
            "I make room for you beside me, we try it together.",
            "I heard you smile.",
        ),
        "yes": (
            "It is a yes, and I am getting out the pancakes.",
            "A warm yes, right out of the oven.",
            "Yes, my duckling, and you pick the pudding!",
            "Granny says yes with both hands.",
        ),
        "no": (
            "My yes is having a nap, we wake it at the next try.",
            "Not quite a yes: one more little spoon of song.",
            "I am knitting your yes, there is one sleeve to go.",
            "Soon a yes, my duckling, and until then a biscuit.",
        ),
        "score": (
            "{total}, I am stitching it on your napkin.",
            "In my basket I counted {total}.",
            "{total} out of 100, say the sweet-shop scales.",
        ),
        "best": (
            "“{best_text}”: the cat wants to learn it.",
            "At “{best_text}” I closed my eyes for joy.",
        ),
    },
}
