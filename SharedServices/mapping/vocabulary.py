"""The words of clubs' names: which say nothing, which say too little, and which mean the same."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.mapping.names import word_set

CLUB_WORDS: Final = word_set(
    """
    fc cf afc sc ac fk sk sv vfl vfb tsg tsv spvgg ssv fsv bk if ifk ff kf nk hnk gnk mfk msk ofk cd ud sd ad ca cs
    csd as ss ssc us ssd asd jk kv krc rsc kaa kvc club clube clubs calcio futbol futebol football fotball fodbold
    voetbal soccer team de of the la le las los do da di du del des der y i and und et e ec se sad fbc gd ks mks kp
    fotboll fussball fussballclub esporte societa sportiva unione polisportiva vv rc cfc rcd
    """
)
"""Words that clubs carry or leave out as they like."""

COMMON_WORDS: Final = word_set(
    """
    united city town county rovers wanderers albion athletic atletico real inter sporting racing nacional
    internacional independiente deportivo deportes deportiva desportivo central union uniao olimpia olympique olimpic
    olympic estudiantes gimnasia esgrima san santa santo santos sao saint cruz libertad universidad universitario
    universitatea catolica sport sports sportivo sportiv dinamo spartak lokomotiv cska torpedo zalgiris metalist
    shakhtar radnicki borac sloboda rudar sloga mladost buducnost jedinstvo napredak vojvodina slavia sparta viktoria
    vitoria slovan austria rapid wacker eintracht borussia fortuna hertha arminia alemannia germania kickers preussen
    concordia energie rot weiss blau schwarz gelb hapoel maccabi beitar bnei ironi stade red star stars black white
    blue green academica academico academic america botafogo operario guarani guarany juventud juventude juventus
    rangers north south east west al rayo celtic everton arsenal liverpool barcelona chelsea river plate boca juniors
    young boys lions eagles kings queens park forest villa wednesday hotspur palace nova new old great national royal
    royale imperial youth academy alianza defensor defensores cerro porteno progreso fenix colon colo oriente aurora
    hearts heart of pro first 1 casa pia rio ave bay sol gil vicente cove ross kelty queen forward phoenix victory
    glory mariners jets roar wellington fire crew galaxy dc state police army navy air force prisons customs port
    steel motors hyundai steelers sarmiento portuguesa noroeste
    """
)
"""Words that several clubs share: alone they do not tell which club it is."""

MULTI_CLUB_CITIES: Final = word_set(
    """
    manchester sheffield bristol dundee nottingham london glasgow edinburgh belfast dublin milan madrid turin torino
    rome verona lisbon paris lyon vienna graz linz salzburg zurich geneva lausanne prague brno bratislava budapest
    warsaw krakow lodz moscow kyiv minsk belgrade zagreb sofia plovdiv bucharest cluj craiova athens thessaloniki
    istanbul ankara izmir copenhagen aarhus stockholm gothenburg malmo oslo bergen helsinki turku berlin hamburg
    munich frankfurt stuttgart koln leipzig dresden brussels brugge antwerp rotterdam amsterdam eindhoven limassol
    nicosia larnaca tel aviv haifa jerusalem petah tikva beer sheva cairo casablanca rabat tunis algiers johannesburg
    pretoria durban riyadh jeddah dubai sharjah abu dhabi doha tehran tabriz baghdad tokyo osaka yokohama kyoto
    saitama seoul incheon daejeon suwon busan shanghai beijing tianjin guangzhou shenzhen qingdao jakarta bangkok
    hanoi ho chi minh melbourne sydney brisbane perth adelaide auckland york los angeles miami kansas chicago orlando
    tampa atlanta buenos aires cordoba rosario santiago montevideo asuncion lima quito guayaquil bogota cali medellin
    barranquilla caracas maracaibo paz cochabamba mexico guadalajara monterrey puebla rio janeiro sao paulo curitiba
    alegre belo horizonte recife salvador goiania jujuy mendoza tucuman juan plata rivadavia santander ferrol gijon
    bilbao sociedad murcia birmingham bradford cambridge oxford stirling inverness charleroi liege odense aalborg
    split rijeka sarajevo mostar skopje tirana pristina podgorica vilnius kaunas riga tallinn tbilisi yerevan baku
    almaty astana tashkent kharkiv odesa lviv donetsk poltava petersburg rostov samara kazan tula nis novi sad
    subotica banja luka tuzla maribor ljubljana gorica timisoara constanta ploiesti brasov arad iasi oradea augsburg
    lubeck freiburg freiberg orebro charlotte ajaccio bastia volos houston columbus dallas
    """
)
"""Names of cities with more than one club: the city alone does not tell which."""

_VARIANTS: Final = """
united: utd|saint: st ste sint sankt|atletico: atl athletico atletic|athletic: ath athl|deportivo: dep depor
sporting: sp sptg|rovers: rvs rov|wanderers: wand wdrs|wednesday: weds wed|county: co cty|central: cent
munich: munchen muenchen|koln: koeln cologne|nurnberg: nuremberg nuernberg|dusseldorf: duesseldorf|vienna: wien
prague: praha prag|bucharest: bucuresti|belgrade: beograd|moscow: moskva moskau|kyiv: kiev|kharkiv: kharkov
odesa: odessa|lviv: lvov|warsaw: warszawa|krakow: cracow|copenhagen: kobenhavn koebenhavn|petersburg: peterburg
gothenburg: goteborg goeteborg|athens: athina|thessaloniki: saloniki|olympiacos: olympiakos olimpiakos|dinamo: dynamo
panathinaikos: panathinaicos|lokomotiv: lokomotive lokomotyv lokomotivi|viktoria: victoria|torino: turin|milan: milano
rome: roma|naples: napoli|genoa: genova|florence: firenze|lisbon: lisboa|seville: sevilla|brussels: bruxelles brussel
brugge: bruges|antwerp: antwerpen anvers|ghent: gent gand|liege: luik|zurich: zuerich|geneva: geneve|luzern: lucerne
bern: berne|shakhtar: shakhter|monchengladbach: moenchengladbach mgladbach gladbach|nottingham: nottm nott
middlesbrough: middlesboro|peterborough: peterboro|universidad: univ
independiente: indep ind|gimnasia: gim gimn|estudiantes: est estud
juniors: jrs jr|lyon: lyonnais|tbilisi: tiflis|plzen: pilsen|bayern: bavaria|espanyol: espanol|rb: rasenballsport
borussia: bor|eintracht: ein eintr|fortuna: for|qarabag: karabakh karabag|thistle: thst|caledonian: caley cal
"""
SYNONYMS: Final = {
    variant: entry.partition(":")[0].strip()
    for entry in _VARIANTS.replace("\n", "|").split("|")
    for variant in entry.partition(":")[2].split()
}
"""A word's usual spelling for its other spellings and abbreviations."""


def usual(word: str) -> str:
    """Return a word in its usual spelling."""
    return SYNONYMS.get(word, word)


TOO_COMMON: Final = frozenset(usual(word) for word in COMMON_WORDS | MULTI_CLUB_CITIES)
"""Words that tell no club from another, in their usual spelling."""
