"""The competitions that are known: what the odds' sources call them, per country, and FotMob's ids of them."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.mapping.names import fold

_TABLE: Final = {
    "ENG": """
        47=Premier League|48=Championship|108=League One|109=League Two|117=National League|132=FA Cup
        133=EFL Cup,Carabao Cup,League Cup|142=EFL Trophy,Football League Trophy|247=Community Shield|9253=FA Trophy
        8944=National League North,National League South,National North & South
        10068=Premier League U18,U18 Premier League
        9084=Premier League 2,Premier League 2 Division One,Premier League 2 Div 1
        9227=WSL,FA WSL,Women's Super League
        9227=Womens Super League,Super League Women,FA Women's Super League|9294=Women's Championship,WSL 2
        10082=FA Women's Cup,FA Cup Women|9717=Women's League Cup,FA Women's League Cup
    """,
    "ESP": """
        87=La Liga,LaLiga,Primera Division,LaLiga EA Sports
        140=La Liga 2,LaLiga2,LaLiga 2,Segunda Division,LaLiga Hypermotion
        138=Copa del Rey|139=Super Cup,Supercopa
        8968=Primera Federacion,Primera Federacion Group 1,Primera Federacion Group 2
        9138=Segunda Federacion|9907=Liga F,Primera Division Women,Primera Division Femenina|10651=Copa de la Reina
    """,
    "ITA": """
        55=Serie A|86=Serie B|147=Serie C,Serie C Group A,Serie C Group B,Serie C Group C|141=Coppa Italia
        222=Supercoppa,Super Cup,Supercoppa Italiana|10178=Serie A Women,Serie A Femminile
    """,
    "GER": """
        54=Bundesliga|146=2. Bundesliga,2nd Bundesliga,Bundesliga 2|208=3. Liga,3rd Liga|209=DFB Pokal,DFB-Pokal
        8924=Super Cup,DFL Supercup,Supercup
        512=Regionalliga,Regionalliga Bayern,Regionalliga Nord,Regionalliga Nordost
        512=Regionalliga North,Regionalliga Northeast,Regionalliga West,Regionalliga Sudwest,Regionalliga Suedwest
        512=Regionalliga Southwest|9676=Frauen Bundesliga,Bundesliga Women,Frauen-Bundesliga,1. Bundesliga Women
    """,
    "FRA": """
        53=Ligue 1,Ligue 1 McDonald's|110=Ligue 2,Ligue 2 BKT|134=Coupe de France
        8970=National,National 1,Championnat National
        9677=Premiere Ligue,Premiere Ligue Women,Division 1 Women,Division 1 Feminine,D1 Feminine,Arkema Premiere Ligue
    """,
    "NED": """
        57=Eredivisie|111=Eerste Divisie,Keuken Kampioen Divisie|9195=Tweede Divisie|235=KNVB Beker,KNVB Cup
        10289=Eredivisie Women,Eredivisie Vrouwen|10668=KNVB Beker Women
    """,
    "POR": """
        61=Liga Portugal,Primeira Liga,Liga Portugal Betclic|185=Liga Portugal 2,Segunda Liga|9112=Liga 3
        187=League Cup,Taca da Liga
    """,
    "BEL": "40=Pro League,First Division A,Jupiler Pro League,Belgian Pro League|149=Cup,Belgian Cup|266=Super Cup",
    "SCO": """
        64=Premiership|123=Championship|124=League One|125=League Two|179=Challenge Cup,Scottish Challenge Cup
    """,
    "TUR": "71=Super Lig,Superlig|165=1. Lig,1 Lig,TFF 1. Lig|151=Turkish Cup,Turkiye Kupasi,Cup",
    "GRE": "135=Super League,Super League 1|145=Greece Cup,Greek Cup,Cup",
    "AUT": "38=Bundesliga|119=2. Liga|278=Austrian Cup,OFB Cup,Cup",
    "SUI": "69=Super League|163=Challenge League|164=Swiss Cup,Schweizer Cup,Cup",
    "DEN": """
        46=Superliga,Superligaen,Superliga 3F|85=1. Division,1st Division,Betinia Liga|239=2. Division,2nd Division
        240=3. Division|242=DBU Pokalen,Cup,Landspokal Cup,Pokalen|256=Kvindeligaen,Elitedivisionen
    """,
    "NOR": "59=Eliteserien|203=1. Divisjon,OBOS-ligaen,1st Division|206=NM Cup,Cup,Norgesmesterskapet|331=Toppserien",
    "SWE": "67=Allsvenskan|168=Superettan|171=Cup,Svenska Cupen|9089=Damallsvenskan|10308=Elitettan",
    "FIN": "51=Veikkausliiga|143=Cup,Suomen Cup",
    "ISL": "215=Besta deild,Besta deildin,Besta deild karla|216=1. Deild|217=Cup",
    "IRL": "126=Premier Division|218=First Division|219=FAI Cup,FA Cup",
    "POL": "196=Ekstraklasa|197=I Liga,1 Liga,1. Liga|8935=II Liga,2 Liga|198=Puchar Polski,Polish Cup,Cup",
    "CZE": "122=1. Liga,First League,Chance Liga,Fortuna Liga|253=FNL|254=Cup,MOL Cup",
    "ROU": "189=Superliga,Liga I,Liga 1|9113=Liga II,Liga 2|190=Cup,Cupa Romaniei",
    "BUL": "270=First Professional League,Parva Liga,First League,efbet League|271=Cup",
    "SRB": "182=Superliga,Super Liga,SuperLiga|183=Cup",
    "CRO": "252=HNL,1. HNL,1. Division|275=Cup,Croatian Cup",
    "SVN": "173=Prva Liga,PrvaLiga,1. SNL|174=Cup",
    "SVK": "176=1. Liga,Nike Liga,Super Liga,Superliga,Fortuna Liga|8973=2. Liga|177=Cup,Slovak Cup",
    "HUN": "212=NB I,NB 1,OTP Bank Liga|213=Cup,Magyar Kupa",
    "CYP": "136=1. Division,First Division,Cyprus League|330=Cup",
    "RUS": "63=Premier League|338=1. Division,First League,1. Liga|193=Cup,Russian Cup",
    "UKR": "441=Premier League|442=Cup,Ukrainian Cup",
    "ISR": """
        127=Premier League,Ligat ha'Al,Ligat HaAl,Israeli Premier League|128=Leumit League,Liga Leumit,National League
    """,
    "USA": """
        130=MLS,Major League Soccer|8972=USL Championship|9296=USL League One|10282=MLS Next Pro|9134=NWSL,NWSL Women
        9441=Open Cup,US Open Cup|9134=National Women's Soccer League|10699=USL Super League
    """,
    "CAN": "9986=Premier League,Canadian Premier League|10872=Northern Super League",
    "MEX": """
        230=Liga MX,Liga MX Apertura,Liga MX Clausura|8976=Liga de Expansion MX,Liga de Expansion|9906=Liga MX Femenil
        9906=Liga MX Women
    """,
    "ARG": """
        112=Liga Profesional,Liga Profesional de Futbol,Primera LPF,LPF|8965=Primera Nacional,Primera B Nacional
        9305=Copa Argentina|10007=Copa de la Liga Profesional
    """,
    "BRA": """
        268=Serie A,Brasileiro Serie A,Brasileirao Serie A|8814=Serie B,Brasileiro Serie B
        8971=Serie C,Brasileiro Serie C
        9464=Serie D,Brasileiro Serie D|9067=Copa do Brasil,Brazil Cup
    """,
    "CHI": "273=Primera Division,Liga de Primera|9126=Primera B,Liga de Ascenso",
    "COL": "274=Primera A,Liga BetPlay|9125=Primera B,Torneo BetPlay|9490=Cup,Copa Colombia",
    "ECU": "246=Serie A,LigaPro Serie A,Liga Pro",
    "PAR": "199=Division Profesional,Primera Division",
    "PER": "131=Primera Division,Liga 1",
    "URU": "161=Primera Division,Liga AUF Uruguaya|9122=Segunda Division",
    "BOL": "144=Primera Division,Division Profesional",
    "VEN": "339=Primera Division,Liga FUTVE",
    "JPN": """
        223=J. League,J1 League,J.League,J League 1|8974=J. League 2,J2 League|9136=J. League 3,J3 League
        9500=WE League
    """,
    "KOR": "9080=K League 1,K-League 1|9116=K League 2,K-League 2|9537=K3 League",
    "CHN": "120=Super League,Chinese Super League|9550=Cup,FA Cup",
    "AUS": "113=A-League,A-League Men|9495=A-League Women|9471=Australia Cup",
    "KSA": "536=Pro League,Saudi Pro League,Saudi Professional League|9942=Cup,King's Cup",
    "UAE": "538=Pro League,UAE League,Arabian Gulf League",
    "QAT": "535=Stars League,Qatar Stars League",
    "EGY": "519=Premier League",
    "RSA": "537=Premiership,Premier Soccer League,Betway Premiership",
    "MAR": "530=Botola Pro",
    "INT": """
        77=World Cup,FIFA World Cup|50=EURO,UEFA Euro,European Championship|44=Copa America|289=Africa Cup of Nations
        290=Asian Cup,AFC Asian Cup|298=CONCACAF Gold Cup,Gold Cup|78=Club World Cup,FIFA Club World Cup
        42=Champions League,UEFA Champions League|73=Europa League,UEFA Europa League|74=UEFA Super Cup
        10216=Conference League,UEFA Conference League,Europa Conference League,UEFA Europa Conference League
        9806,9807,9808,9809=UEFA Nations League|9806=UEFA Nations League A|9807=UEFA Nations League B
        9808=UEFA Nations League C|9809=UEFA Nations League D|45=Copa Libertadores,CONMEBOL Libertadores
        299=Copa Sudamericana,CONMEBOL Sudamericana|491=Recopa Sudamericana|114=Friendlies,Int. Friendly Games
        114=International Friendlies,Int Friendly Games|489=Club Friendlies,Club Friendly Games
        526=CAF Champions League|9468=CAF Confederation Cup,CAF Confed Cup|9741=UEFA Youth League
        525=AFC Champions League,AFC Champions League Elite|9469=AFC Champions League Two,AFC Cup
        297=CONCACAF Champions League,CONCACAF Champions Cup|9821=CONCACAF Nations League|10043=Leagues Cup
        288=EURO U21,UEFA U21 European Championship|296=World Cup U20,FIFA U20 World Cup
        306=World Cup U17,FIFA U17 World Cup
        9375=Women's Champions League,UEFA Women's Champions League|76=Women's World Cup,FIFA Women's World Cup
        292=UEFA Women's EURO|293=Women's Friendlies|10195=World Cup Qualification UEFA
        10197=World Cup Qualification AFC|10196=World Cup Qualification CAF|10199=World Cup Qualification CONMEBOL
    """,
}
NEUTRAL_IDS: Final = frozenset({77, 50, 44, 289, 290, 298, 78, 74, 114, 489, 288, 296, 306, 76, 292, 293, 287, 301})
"""Competitions on neutral ground, and friendlies: who is named first says little there."""


FRIENDLY_IDS: Final = frozenset({114, 489, 293, 344})
"""Friendlies: the same teams may meet twice within days."""


def _read() -> dict[tuple[str | None, str], tuple[int, ...]]:
    found: dict[tuple[str | None, str], tuple[int, ...]] = {}
    for country, table in _TABLE.items():
        for entry in table.replace("\n", "|").split("|"):
            ids, _, names = entry.strip().partition("=")
            for name in names.split(",") if names else ():
                found[country, fold(name)] = tuple(int(number) for number in ids.split(","))
    return found


COMPETITIONS: Final = _read()
"""FotMob's ids of a competition by the code of its country and its folded name."""

LISTED_IDS: Final = frozenset(number for ids in COMPETITIONS.values() for number in ids)
