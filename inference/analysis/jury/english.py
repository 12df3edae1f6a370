"""What the jurors say in English. {names} are facts of the take."""

from inference.analysis.jury.french import Grammar

GRAMMAR: Grammar = {
    "diva": {
        "opening.great": (
            "My fan, quickly, I am going to faint!",
            "Darling, you gave me goosebumps through three layers of satin.",
            "Hush, everyone: a voice has just been born.",
            "I nearly stood up. Me! In these heels!",
        ),
        "opening.good": (
            "There is velvet in there, darling, the real thing.",
            "Here is a voice that knows its own address.",
            "I closed my eyes and hardly suffered at all.",
        ),
        "opening.fair": (
            "There is a pearl in this oyster, but goodness, what an oyster!",
            "Darling, tuning is like mascara: one does not put it next to the eye.",
            "You sang the way one swims the Channel: facing France and hoping.",
        ),
        "opening.weak": (
            "My pearls have turned in their box.",
            "Darling, together we visited notes that nobody ever wrote.",
            "Courage you have. The melody is still looking for you.",
        ),
        "opening.silent": (
            "I listened for {duration} seconds, darling, and heard only the rustle of my own gown. "
            "Stage fright? I had it too. Come back, the spotlight is waiting.",
            "{duration} seconds of pure mystery! Open your mouth, and I shall open my heart.",
            "Not one sung note in {duration} seconds. A diva can wait, darling: breathe, and dare.",
        ),
        "opening.unmeasured": (
            "Darling, nothing of those {duration} seconds reached me that I could judge: the microphone betrayed us. "
            "Check it, and come back to me.",
            "I do not judge what I cannot hear: in {duration} seconds, too little sound made it to my chair.",
        ),
        "score": (
            "For tuning my sacred ear grants you {pitch} out of 100.",
            "I write {pitch} for tuning in my golden notebook.",
            "{pitch} for tuning, and I weigh my diamonds.",
        ),
        "score.total": ("I give you {total}, all included.",),
        "always": (
            "You moved it by {key} semitones: a diva chooses her own key.",
            "{key} semitones away from the page? The whim of a star, and I approve.",
        ),
        "detail": (
            "“{best_text}” was pure silk.",
            "At “{best_text}” I shed a tear, only one, but waterproof.",
            "At {best_second} seconds you were a star.",
            "Your finest line is worth {best_pitch}; I shall replay it in my bath.",
            "“{worst_text}” needs another rehearsal, and another breath.",
            "Around {worst_second} seconds the chandelier shook, and not with emotion.",
        ),
        "detail.flat": (
            "{note_cents} cents flat: chin up, darling, the note lives on the balcony.",
            "One note fell by {note_cents} cents; I tried to catch it with my boa.",
        ),
        "detail.sharp": (
            "{note_cents} cents sharp: not even my heels go that high.",
            "One note flew off by {note_cents} cents, like a poodle that has seen a pigeon.",
        ),
        "farewell.great": ("I want a duet.", "Take my bouquet, it is yours.", "Bravissimo, and I am stingy."),
        "farewell.good": ("A little more light and it is opening night.", "Come back, I have not finished shivering."),
        "farewell.fair": ("Work, and keep that flame.", "We believe, darling, we believe."),
        "farewell.weak": ("But never stop singing, it keeps me busy.", "Another song, perhaps? One of your own."),
    },
    "metronome": {
        "opening.great": (
            "Tick. Tock. Flawless.",
            "I stopped my stopwatch: it had nothing to teach you.",
            "Swiss clockwork, with vocal cords.",
        ),
        "opening.good": (
            "The tempo is there; the punctuality nearly.",
            "You walk straight, with one small pebble in the shoe.",
            "A good pace, and I am not easily paced.",
        ),
        "opening.fair": (
            "You and the bar line are in an open relationship.",
            "Every other train arrived on time. I know countries that would applaud.",
            "The tempo was a suggestion, apparently.",
        ),
        "opening.weak": (
            "My pendulum has asked for leave.",
            "I looked for the downbeat. I looked for quite a while.",
            "Your entries and the score passed each other without a nod.",
        ),
        "opening.silent": (
            "I counted {duration} seconds and zero entries. Silence is perfectly in time, but it pays nothing. "
            "Count to four, and go.",
            "Measured: {duration} seconds, no note. A rest is written; a song is sung. Your turn.",
        ),
        "opening.unmeasured": (
            "In {duration} seconds my instruments received next to nothing. No measure, no mark: I abstain. "
            "Check the connection and the microphone.",
            "{duration} seconds on the clock, too little sound in the pipe. I do not mark the void.",
        ),
        "score": (
            "Rhythm: {rhythm} out of 100, to the hundredth.",
            "My stopwatch reads {rhythm}.",
            "I read {rhythm} for rhythm, and I cannot lie.",
        ),
        "score.total": ("Total on display: {total}.",),
        "always": (
            "Reading at {exact_second} seconds: {exact_cents} cents off, I took out the magnifying glass.",
            "First check, at {exact_second} seconds: {exact_cents} cents. I write everything down.",
        ),
        "detail": (
            "The line at {worst_second} seconds limps: {worst_pitch}.",
            "The line that starts at {best_second} seconds is the steadiest: {best_pitch}.",
            "I checked the tuning too: {pitch}. An occupational habit.",
            "On “{best_text}” everything falls into place.",
            "Total, for the record: {total}.",
        ),
        "detail.late": (
            "{onset_ms} milliseconds late at {onset_second} seconds: please mind the gap.",
            "At {onset_second} seconds, {onset_ms} milliseconds late. I had time to wind my watch.",
        ),
        "detail.early": (
            "{onset_ms} milliseconds early at {onset_second} seconds: did you have a train to catch?",
            "At {onset_second} seconds you leave {onset_ms} milliseconds too soon. False start!",
        ),
        "farewell.great": ("I set my watch by you.", "Tock. That is a compliment."),
        "farewell.good": ("One more turn of the key and it is perfect.", "Carry on, and tap your foot."),
        "farewell.fair": (
            "A metronome costs twelve pounds. Think about it.",
            "Practise slowly; time will pay you back.",
        ),
        "farewell.weak": ("Clap first, then sing.", "Time heals everything, even tempo."),
    },
    "grand-mere": {
        "opening.great": (
            "Oh, my duckling, I dropped my knitting!",
            "If your grandfather could hear you, he would turn off the wireless.",
            "Come here and be kissed, that was wonderful!",
        ),
        "opening.good": (
            "That was lovely, my duckling, just lovely.",
            "You sang like a pie from the oven: golden, and a little lopsided.",
            "It took me back to the village dance, only better.",
        ),
        "opening.fair": (
            "You put your heart in it, and hearts are never out of tune.",
            "My duckling, even soup fails the first time.",
            "That was brave, like mowing the lawn in slippers.",
        ),
        "opening.weak": (
            "The cat left, but I stayed.",
            "My duckling, I love you. Let us leave it at that.",
            "You sing like your uncle Gaston, and everybody adored him.",
        ),
        "opening.silent": (
            "Not a note in {duration} seconds, my duckling; I thought you had gone for bread. "
            "Have a hot chocolate and try again, I am waiting.",
            "{duration} seconds without a word… You are shy, like your mother. Nobody bites here, sing me something.",
        ),
        "opening.unmeasured": (
            "My duckling, the machine kept nothing of your {duration} seconds, "
            "or so little. It is not your fault: plug it in again, and sing for Granny.",
            "Of your {duration} seconds nothing reached my armchair. The telephone, no doubt. Once more?",
        ),
        "score": (
            "That makes {total} in all, I wrote it on the fridge.",
            "{total} out of 100, and a slice of cake.",
            "I say {total}, with a kiss on top.",
        ),
        "score.total": ("{total}, my duckling.",),
        "detail": (
            "When you sang “{best_text}” I looked for my handkerchief.",
            "“{best_text}”: I sang it with you.",
            "At {best_second} seconds I took off my glasses to hear better.",
            "“{worst_text}”: we shall practise it together on Sunday.",
            "Around {worst_second} seconds you were a bit peckish: had you not eaten?",
            "And your words, {lyrics}: we speak clearly in this family.",
            "I waited for “{lost_word}”, and it never came, poor word.",
        ),
        "farewell.great": ("Have more cake, you have earned it.", "I shall tell the whole street."),
        "farewell.good": ("Wrap up your throat, and come back.", "Will you sing it again at Christmas?"),
        "farewell.fair": ("A spoonful of honey, and it will be better.", "Sing on, it makes my geraniums grow."),
        "farewell.weak": ("Eat something, you will sing better.", "What matters is that you are here."),
    },
}
