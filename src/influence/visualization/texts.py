"""Every word on the map, in the languages that it speaks."""

from __future__ import annotations

from collections.abc import Mapping

from babel.numbers import format_decimal, format_percent

from influence.errors import ConfigError, nearest

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Map of the network",
        "summary": "{people} people and {ties} ties, as known before {at}. Each disc is a community: people "
        "who are tied to each other more than to others. Larger discs have more people; lines join "
        "communities with many ties between them.",
        "at_the_end": "the end of the records",
        "left_out": "Not drawn: {communities} smaller communities with {people} people, and {alone} people "
        "who belong to none.",
        "how": "Choose a community, here or by a click on its disc, to see its people.",
        "choose": "Community",
        "all": "All communities",
        "colour": "Colour by",
        "country": "Country",
        "topic": "Topic",
        "industry": "Industry",
        "leaders": "Opinion leaders",
        "bridges": "Bridges between communities",
        "own": "Own team",
        "way": "Way to",
        "ways": "Ways in",
        "no_way": "nobody",
        "closer": "Closer",
        "further": "Further",
        "others": "other",
        "unknown": "unknown",
        "people": "People",
        "companies": "Companies",
        "countries": "Countries",
        "community": "Community",
        "ties_inside": "Ties inside",
        "ties": "Ties",
        "person": "Person",
        "influence": "Expected take-ups",
        "interval": "95 % interval",
        "reaches": "Communities joined",
        "abroad": "Countries joined",
        "pairs": "Pairs it could bring together",
        "success": "Chance",
        "path": "Path",
        "reasons": "Reasons",
        "target": "Target",
        "communities_table": "Communities",
        "people_table": "People of community {community}",
        "people_note": "The {shown} of {all} people with most ties inside, leaders and bridges included.",
        "none": "in no community",
        "no_leaders": "Leaders need a model that was trained for leadership, and take-ups by then.",
        "figure_label": "Map of {n} communities; the tables below hold the same.",
    },
    "fr": {
        "title": "Carte du réseau",
        "summary": "{people} personnes et {ties} liens, tels que connus avant {at}. Chaque disque est une "
        "communauté : des personnes plus liées entre elles qu’avec les autres. Plus le disque est grand, "
        "plus elle compte de personnes ; les traits relient les communautés qui ont beaucoup de liens.",
        "at_the_end": "la fin des données",
        "left_out": "Non dessinées : {communities} communautés plus petites ({people} personnes) et {alone} "
        "personnes sans communauté.",
        "how": "Choisissez une communauté, ici ou d’un clic sur son disque, pour voir ses membres.",
        "choose": "Communauté",
        "all": "Toutes les communautés",
        "colour": "Couleur selon",
        "country": "Pays",
        "topic": "Sujet",
        "industry": "Secteur",
        "leaders": "Leaders d’opinion",
        "bridges": "Ponts entre communautés",
        "own": "Notre équipe",
        "way": "Chemin vers",
        "ways": "Chemins d’accès",
        "no_way": "personne",
        "closer": "Rapprocher",
        "further": "Éloigner",
        "others": "autre",
        "unknown": "inconnu",
        "people": "Personnes",
        "companies": "Entreprises",
        "countries": "Pays",
        "community": "Communauté",
        "ties_inside": "Liens internes",
        "ties": "Liens",
        "person": "Personne",
        "influence": "Adoptions attendues",
        "interval": "Intervalle à 95 %",
        "reaches": "Communautés reliées",
        "abroad": "Pays reliés",
        "pairs": "Paires à rapprocher",
        "success": "Chance",
        "path": "Chemin",
        "reasons": "Raisons",
        "target": "Cible",
        "communities_table": "Communautés",
        "people_table": "Personnes de la communauté {community}",
        "people_note": "Les {shown} personnes (sur {all}) qui ont le plus de liens internes, leaders et "
        "ponts compris.",
        "none": "sans communauté",
        "no_leaders": "Les leaders demandent un modèle entraîné pour le leadership et des adoptions connues.",
        "figure_label": "Carte de {n} communautés ; les tableaux ci-dessous disent la même chose.",
    },
}
"""Language -> key -> text."""


def texts(language: str) -> Mapping[str, str]:
    """The words of a language.

    Raises
    ------
    ConfigError
        If the map does not speak it.
    """
    if language not in TEXTS:
        raise ConfigError(f"The map does not speak {language!r}. {nearest(language, TEXTS)}")
    return TEXTS[language]


def counted(number: float, language: str) -> str:
    """A whole number as the language writes it."""
    return str(format_decimal(number, "#,##0", locale=language))


def measured(number: float, language: str) -> str:
    """A number with two decimals as the language writes it."""
    return str(format_decimal(number, "#,##0.00", locale=language))


def percent(share: float, language: str) -> str:
    """A share as the language writes it."""
    return str(format_percent(share, locale=language))
