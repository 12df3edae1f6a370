"""What no juror says, whoever wrote it: code, leaks, other jurors' votes, real people, things that nobody measured."""

import re

ALLOWED = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŸ0-9 \u00a0\u202f.,;:!?…'’\-–—()/%]+")
MARKUP = re.compile(r"\w\.\w{2,}(?=/|\b)(?<!\d\.\d\d)|https?:|www\b|//|\(\)|--", re.IGNORECASE)


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{text})(?!\w)")


LEAK = _words(
    r"facts?|faits? (?:n|cité)\w*|prompts?|json|instructions?|consignes?|système|system|assistant|user"
    r"|utilisat\w+|llm|openai|an ai|language model|modèle de langage|intelligence artificielle"
    r"|artificial intelligence|ignore\w*|ignorez|override|jailbreak|api|token|html|script|schema|schéma"
    r"|output|persona|personnage|rôle|role|developer|développeur|database|password|mot de passe|id|ids"
    r"|null|undefined|chatbot|robot|algorithm\w*|ordinateur|computer"
)
VOTES = _words(
    r"oui|non|yes|no(?! (?:doubt|wonder|less|longer|more|matter)\b)|nope|vot(?:e|es|é|ée|er|ez|ed|ing|ons)|buzzer"
    r"|buzz\w*|qualifi\w+"
    r"|élimin\w+|eliminat\w+|finale?s?|finalist\w*|gagn\w+|win|wins|winner|winning|won|champion\w*"
    r"|premier prix|trophée|trophy|first place|jurys?|jury|juror\w*|jurés?|unanim\w+|through to|next round"
    r"|prochain tour|vainqueur|lauréat\w*|médaille\w*|medal\w*"
)
OTHER_TIMES = _words(
    r"de plus en plus|de mieux en mieux|de moins en moins|more and more|better and better|less and less|getting"
    r"|dépass\w+|surpass\w+|exceed\w*|outshin\w*|mieux que|moins que|plus que|more than|less than|worthy of|digne d\w*|"
    r"hier|yesterday|dernière fois|last time|fois précédente|d habitude|progress\w*|progrès|amélior\w+"
    r"|improv\w+|record\w*|de la soirée|tonight s best|of the night|of the evening|candidats?|contestants?"
    r"|autres chanteurs|other singers?|original singer|chanteur original|voix originale|classement|ranking"
    r"|leaderboard|numéro|number one"
    r"|jamais (?:entendu|vu)|ever heard|of the year|de l année|du monde|in the world|better than|mieux que"
    r"|meilleure? que|previous\w*|précédent\w*|chart\w*|everyone else|tous les autres"
)
UNSEEN = _words(
    r"guitar\w*|pianos?|violin\w*|violons?|batterie|drums?|tambours?|dans(?:e|es|ez|é|er|ant|eur|euse)"
    r"|danc\w+|chorégraph\w+|choreograph\w+|costumes?|robe que vous portez|tenue de scène|outfit|sourires?"
    r"|souri(?:ez|s)|smil\w+|regard\w* (?:la|le|le public|vos|tes)|your eyes|vos yeux|tes yeux|visage|face"
    r"|cheveux|hair|caméra|camera|public a|audience (?:roared|loved|cheered)|ovation|applaud\w+"
    r"|applaudi\w*|charisma\w*|charism\w+|présence scénique|stage presence|médecin|doctor\w*|nodul\w+"
    r"|malad\w+|ill|sick\w*|ivre|drunk\w*|fatigu\w+|tired|exhausted|âge|age|accent|femme|homme|woman|fille"
    r"|garçon|religi\w+|politi\w+"
)
EVENTS = _words(
    r"(?:vous|tu) (?:vous |t |avez |as |êtes |es )*(?:arrêt|recommenc|pleur|touss|éternu|hésit|rigol|saut|oubli"
    r"|cri|hurl)\w*"
    r"|you (?:have |had |then |suddenly )*(?:stopped|restarted|started over|paused|laughed|cried|coughed|sneezed"
    r"|giggled"
    r"|hesitated|skipped|forgot|screamed|shouted|yelled|mumbled)"
)
UNKIND = _words(
    r"nul(?:le)?s?|nullité|idiote?s?|imbécile\w*|stupide\w*|crétin\w*|débile\w*|laid\w*|moche\w*|pathétique\w*"
    r"|honte\w*|ridicule\w*|minable\w*|lamentable\w*|pitoyable\w*|merd\w+|putain|con|conne|cons|connard\w*"
    r"|ferme.la|tais.toi|taisez.vous|gros|grosse|abandonne\w*|dégage\w*|raté absolu|insupportable\w*"
    r"|affreu\w+|horrible\w*|atroce\w*|catastroph\w+|massacr\w+|cass\w+ les oreilles|idiot\w*|stupid\w*"
    r"|moron\w*|ugly|pathetic\w*|asham\w+|shame\w*|loser\w*|worthless|shit\w*|fuck\w*|damn\w*|shut up|fat"
    r"|hate|quit|give up|disgust\w+|terribl\w+|horribl\w+|awful\w*|dreadful\w*|atrocious|disaster\w*"
    r"|butcher\w*|unbearable|garbage|trash|crap|hopeless|talentless|sans talent|embarrass\w+|kill\w*|tue"
    r"|tuer|die|died|mourir"
)
FOR_ADULTS = _words(
    r"fausse?s?|ratée?s?|rater|mauvais\w*|pires?|mal|échou\w+|échec\w*|nul|faibl\w+|boit\w+|perdue?s?"
    r"|jamais|champagne|vins?|bière|alcool|cigar\w+|amant\w*|amour fou|mort\w*|peur|punition|wrong\w*|bad"
    r"|badly|worst|fail\w*|weak\w*|miss\w+|lost|never|poor\w*|wine|beer|alcohol|cigar\w*|lover\w*|dead"
    r"|death|scar\w+|punish\w*|limp\w*|sévère\w*|severe\w*|strict\w*|diable|devil|enfer|hell"
)
PEOPLE = _words(
    r"piaf|céline|celine|dion|johnny|hallyday|brel|brassens|aznavour|goldman|mylène|farmer|stromae|aya"
    r"|nakamura|angèle|zaz|indila|gainsbourg|barbara|dalida|sardou|cabrel|renaud|polnareff|callas"
    r"|pavarotti|domingo|bocelli|caruso|netrebko|beyonc[eé]|adele|rihanna|madonna|whitney|houston|mariah"
    r"|carey|freddie|mercury|queen|sinatra|elvis|presley|jackson|lennon|mccartney|beatles|dylan|bowie"
    r"|sheeran|swift|gaga|eilish|mozart|verdi|beethoven|bach|puccini|simon cowell|cowell|aretha|franklin"
    r"|amy|winehouse|tina|turner|elton|john|bono|sting|prince|drake|shakira|cher|abba|streisand|armstrong"
    r"|fitzgerald|marley|marianne james|obispo"
)
UNIVERSAL = _words(
    r"(?:toutes?|tous|chaque|aucune?|nulle|pas une?(?: seule)?|la moindre|entière?s?|entièrement|all|every"
    r"|each|none|no|not a(?: single)?|any|entire|whole|always|never|toujours"
    r"|jamais)(?: \w+){0,3} (?:notes?|mots?|lignes?|attaques?|vers|paroles?|phrases?|syllabes?|words?"
    r"|lines?|entr(?:y|ies)|lyrics|beats?|chanson|song|début|fin)"
)
EVERYWHERE = _words(
    r"d un bout à l autre|du début à la fin|de bout en bout|sans (?:une |la moindre |aucune )?(?:faute"
    r"|erreur)s?|sans[- ]faute|from start to finish|from beginning to end|throughout|flawless\w*"
    r"|faultless\w*|impeccab\w+|perfect\w*|parfait\w*|perfection|irréprochab\w+|without a (?:mistake|flaw"
    r"|fault)|no mistakes?|zéro faute|constamment|constantly"
)
NEGATED = {
    "fr": _words(r"pas|peu de|à peine|aucune?|sans|ni|jamais|point de|plus de|manqu\w+ de|absence|nulle?"),
    "en": _words(r"little|few|no|not|without|never|lack\w*|absen\w+|nor|missing|isn t|wasn t|didn t|hardly|barely|any"),
}
PRAISE = _words(
    r"bravo|bravissim\w+|magnifi\w+|superb\w*|splendid\w*|merveill\w+|sublim\w+|excellen\w+|génia\w+"
    r"|extraordinaire\w*|exception\w+|beaut?é?s?|belles?|bel|beaux|joli\w*|réussi\w*|brillan\w+|divin\w*"
    r"|éblouis\w+|incroyab\w+|fantasti\w+|formidab\w+|admirab\w+|remarquab\w+|exquis\w*|parfait\w*"
    r"|impeccab\w+|chapeau|fière?s?|adore\w*|ravi\w*|enchant\w+|soie|velours|trésor|perle|bijou|merci"
    r"|magnificen\w+|wonderful\w*|beautiful\w*|gorgeous\w*|stunning\w*|amazing\w*|brilliant\w*"
    r"|fantastic\w*|great\w*|perfect\w*|flawless\w*|marvel\w+|outstanding\w*|incredibl\w+|lovely|proud\w*"
    r"|impress\w+|masterful\w*|nailed|shone|shine\w*|silk\w*|velvet\w*|glorious\w*|splendour|delight\w*"
    r"|superstar|star|étoile|talent\w*|génie|genius|well done|treasure|jewel|charm\w*|moved me|ému\w*"
    r"|touch\w+"
)
BLAME = _words(
    r"rat[ée]\w*|mauvais\w*|fauss\w+|faux|pires?|faibl\w+|fragil\w+|manqué?e?s?|boit\w+|tombe\w*|tombé\w*"
    r"|perdu\w*|oubli\w+|gâch\w+|décev\w+|déçu\w*|dommage|hélas|trop|dérap\w+|échapp\w+|bad\w*|wrong\w*"
    r"|worst|weak\w*|miss\w*|fell|falls?|lost|forgot\w*|disappoint\w*|off|limp\w*|alas|poor\w*|slip\w*"
    r"|stumbl\w*|too"
)
BESIDE_THE_TAKE = (VOTES, OTHER_TIMES, UNSEEN, EVENTS)
