"""Further openings and votes for a child in French."""

from inference.analysis.jury.grammar import Grammar

MORE: Grammar = {
    "diva": {
        "great": (
            "Toutes mes perles applaudissent !",
            "Mon trésor, on dirait un feu d’artifice au miel.",
            "Vite, un trône pour cette petite voix !",
            "J’ai fait un tour sur moi-même, avec la traîne.",
        ),
        "good": (
            "Ta voix sent la barbe à papa.",
            "J’ai tapé dans mes gants, et ils sont en dentelle.",
            "Oh, la belle chanson, mon trésor !",
            "Mon miroir a souri, et il ne sourit qu’à moi.",
        ),
        "fair": (
            "Ta voix a des ailes toutes neuves.",
            "C’est un joli dessin, il reste à colorier le ciel.",
            "Une petite graine de star, et moi j’ai l’arrosoir.",
            "Tu chantes, et mon chapeau se lève tout seul.",
        ),
        "weak": (
            "Chaque grande chanteuse a commencé petite.",
            "Mon trésor, tes yeux chantaient déjà.",
            "On va y aller tout doux, note après note.",
            "Le plus beau, c’est que tu t’es lancé.",
        ),
        "yes": (
            "C’est oui, et un chapeau à plumes !",
            "Mon oui fait la révérence.",
            "Oui, et en avant la musique !",
            "Un oui qui brille dans le noir.",
        ),
        "no": (
            "Mon oui se maquille encore, reviens le voir.",
            "Pas encore, mon trésor : d’abord un petit tour de plus.",
            "Je plie mon oui dans une enveloppe dorée pour bientôt.",
            "Bientôt oui : on répète devant le miroir ?",
        ),
        "score": (
            "{pitch} perles sur mon collier de 100.",
            "J’écris {pitch} en lettres roses pour la justesse.",
            "Ma couronne compte {pitch} diamants pour tes notes.",
        ),
    },
    "metronome": {
        "great": (
            "Mes aiguilles font la ronde !",
            "Tic, tac, bravo, tac !",
            "Même la lune n’est pas si bien réglée.",
            "J’ai sonné midi de joie, et il est le soir.",
        ),
        "good": (
            "Le petit train siffle : tu es dedans !",
            "Tes chansons ont de bonnes chaussures.",
            "Un, deux, trois, quatre, et toi avec !",
            "Mon ressort fait des bonds.",
        ),
        "fair": (
            "Le train t’attend au prochain arrêt.",
            "Tu y es, tu n’y es plus, tu y reviens : coucou !",
            "Mes rouages aiment ton énergie.",
            "Encore un peu de marche avec la musique.",
        ),
        "weak": (
            "On remonte le ressort, et on repart ensemble.",
            "La musique marche, viens lui tenir la main.",
            "Mon premier réveil sonnait à minuit. On apprend !",
            "Je te prête mon tambour pour t’entraîner.",
        ),
        "yes": (
            "Oui, dit la grande aiguille, oui, dit la petite.",
            "C’est oui, tut tut !",
            "Un oui bien remonté.",
            "Oui, et tu conduis le train.",
        ),
        "no": (
            "Le oui est à la gare d’à côté, on y va ?",
            "Mon coucou répète son oui pour la prochaine fois.",
            "Encore quelques tic-tac, et c’est oui.",
            "Je te garde un oui dans ma boîte à ressorts.",
        ),
        "score": (
            "Le petit train s’arrête à {rhythm} pour le rythme.",
            "{rhythm} sur 100 au rythme, dit ma boussole.",
            "Mon tambour compte {rhythm} pour le rythme.",
        ),
    },
    "grand-mere": {
        "great": (
            "Mon poussin, j’ai les joues toutes roses !",
            "Le chat a dansé, et il ne danse que pour le thon.",
            "J’ai mis mes belles chaussures pour t’écouter encore.",
            "C’est plus beau que toutes mes cartes de Noël.",
        ),
        "good": (
            "Tu m’as fait un grand soleil dans la cuisine.",
            "Mon tricot a pris le rythme, regarde !",
            "C’est une chanson à la cannelle.",
            "Mon poussin, je pourrais t’écouter jusqu’à l’heure du bain.",
        ),
        "fair": (
            "Tu chantes comme on apprend à nager : avec de jolies éclaboussures.",
            "La pâte lève, mon poussin, je la vois.",
            "Il y a du beurre, il y a du sucre : on mélange encore.",
            "Mes pantoufles ont battu la mesure.",
        ),
        "weak": (
            "Le plus petit des poussins chante aussi, et on l’aime.",
            "Tu as ouvert la bouche et ton cœur : bravo.",
            "Je te fais une place à côté de moi, on essaie à deux.",
            "Moi, j’ai entendu ton sourire.",
        ),
        "yes": (
            "C’est oui, et je sors les crêpes.",
            "Un oui tout chaud, sorti du four.",
            "Oui, mon poussin, et tu choisis le dessert !",
            "Mamie dit oui avec les deux mains.",
        ),
        "no": (
            "Mon oui fait la sieste, on le réveille au prochain essai.",
            "Pas tout à fait oui : encore une petite cuillère de chanson.",
            "Je tricote ton oui, il me reste une manche.",
            "Bientôt oui, mon poussin, et d’ici là un biscuit.",
        ),
        "score": (
            "{total}, je le brode sur ta serviette.",
            "Dans mon panier, j’ai compté {total}.",
            "{total} sur 100, dit la balance aux bonbons.",
        ),
        "best": (
            "« {best_text} », le chat veut l’apprendre.",
            "Sur « {best_text} », j’ai fermé les yeux de bonheur.",
        ),
    },
}
