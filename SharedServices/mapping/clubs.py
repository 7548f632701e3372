"""The by-names of clubs: what a whole name stands for, per country and everywhere.

Only what the words of two names can't tell: abbreviations, cities that stand for one of their clubs, reserves with a
name of their own. A meaning with `_` in it is a word of its own, so that nothing else contains it.
"""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.mapping.names import words
from PROPPR.SharedServices.mapping.vocabulary import CLUB_WORDS, usual

_BY_NAMES: Final = {
    "": """
        man utd=manchester united|man united=manchester united|man city=manchester city|spurs=tottenham hotspur
        tottenham=tottenham hotspur|wolves=wolverhampton wanderers|wolverhampton=wolverhampton wanderers
        nottm forest=nottingham forest|nott m forest=nottingham forest|psg=paris saint germain|qpr=queens park rangers
        paris sg=paris saint germain|paris st g=paris saint germain|internazionale=inter milan
        internazionale milano=inter milan|inter milano=inter milan|ac milan=milan
        barca=barcelona|ath madrid=atletico madrid|atl madrid=atletico madrid
        ath bilbao=athletic bilbao|athletic club=athletic bilbao|athletic club bilbao=athletic bilbao
        athletic club de bilbao=athletic bilbao|bvb=borussia dortmund|hsv=hamburger sv|fcsb=steaua fcsb
        sporting cp=sporting lisbon|sporting clube de portugal=sporting lisbon|sporting lisboa=sporting lisbon
        sp lisbon=sporting lisbon|sporting clube portugal=sporting lisbon|sporting portugal=sporting lisbon
        fc united of manchester=fcunitedofmanchester|
        crvena zvezda=red star belgrade|
        crvena zvezda beograd=red star belgrade|fc bayern=bayern munich|bayern=bayern munich|
        la galaxy=los angeles galaxy|lafc=los angeles lafc|los angeles fc=los angeles lafc
        ny red bulls=new york red bulls
        nycfc=new york city|new york city fc=new york city|ny city fc=new york city|
        psv=psv eindhoven|az=az alkmaar
        bilbao athletic=athletic bilbao ii|sevilla atletico=sevilla ii|betis deportivo=real betis ii
        betis deportivo balompie=real betis ii|valencia mestalla=valencia ii|celta fortuna=celta vigo ii
        atletico madrileno=atletico madrid ii|deportivo fabril=deportivo la coruna ii
        sporting atletico=sporting gijon ii
        barcelona atletic=barcelona ii|barca atletic=barcelona ii|deportivo aragon=real zaragoza ii
        las palmas atletico=las palmas ii|atletico malagueno=malaga ii|atletico levante=levante ii
        juventus next gen=juventus ii|real monarchs=real salt lake ii|los dos=los angeles galaxy ii
        recreativo granada=granada ii|
    """,
    "INT": """
        inter=inter milan|atletico=atletico madrid|juve=juventus
    """,
    "NOR": "odd=odd|odds ballklubb=odd|odd grenland=odd|odds bk=odd|hamkam=hamarkameratene|ham kam=hamarkameratene",
    "USA": """
        sporting kc=sporting kansas city|kansas city=sporting kansas city|chicago=chicago fire|dc=dc united
        montreal=montreal|montreal impact=montreal|houston=houston dynamo|dallas=fc dallas|miami=inter miami
        red bulls=new york red bulls|ny red bulls=new york red bulls
    """,
    "SRB": "red star=red star belgrade",
    "ENG": """
        west brom=west bromwich albion|west bromwich=west bromwich albion|wba=west bromwich albion
        brighton=brighton hove albion
        sheff utd=sheffield united|sheff united=sheffield united|sheff wed=sheffield wednesday
        newcastle=newcastle united
        sheffield weds=sheffield wednesday|leeds=leeds united|leicester=leicester city|west ham=west ham united
        hull=hull city
        norwich=norwich city|stoke=stoke city|cardiff=cardiff city|swansea=swansea city|derby=derby county
        bolton=bolton wanderers
        wigan=wigan athletic|ipswich=ipswich town|luton=luton town|huddersfield=huddersfield town
        preston=preston north end
        blackburn=blackburn rovers|birmingham=birmingham city|coventry=coventry city|rotherham=rotherham united
        wycombe=wycombe wanderers|charlton=charlton athletic|plymouth=plymouth argyle|oxford=oxford united
        boro=middlesbrough
        cambridge=cambridge united|mk dons=milton keynes dons|bristol rvs=bristol rovers
        dag and red=dagenham and redbridge
        dag red=dagenham and redbridge|villa=aston villa|palace=crystal palace|forest=nottingham forest
        bradford=bradford city
        newport=newport county|exeter=exeter city|lincoln=lincoln city|york=york city|halifax=halifax town
    """,
    "SCO": """
        hearts=heart of midlothian|hibs=hibernian|dundee utd=dundee united|queen of sth=queen of the south
        dundee=dundee fc_
        inverness c=inverness caledonian thistle|inverness ct=inverness caledonian thistle
        inverness=inverness caledonian thistle
        partick=partick thistle|raith rvs=raith rovers|morton=greenock morton|hamilton=hamilton academical
        ayr=ayr united
        airdrie=airdrieonians|airdrie utd=airdrieonians|airdrie united=airdrieonians|alloa=alloa athletic
        hamilton acad=hamilton academical|stirling=stirling albion|albion rvs=albion rovers|glasgow rangers=rangers
        celtic glasgow=celtic|glasgow celtic=celtic|queen s park=queens park
    """,
    "ESP": """
        atletico=atletico madrid|betis=real betis|real betis balompie=real betis|sociedad=real sociedad
        rayo=rayo vallecano|vallecano=rayo vallecano
        celta=celta vigo|celta de vigo=celta vigo|rc celta=celta vigo|alaves=deportivo alaves
        valladolid=real valladolid
        zaragoza=real zaragoza|oviedo=real oviedo|sp gijon=sporting gijon|sporting=sporting gijon
        sporting de gijon=sporting gijon
        santander=racing santander|racing=racing santander|racing de santander=racing santander
        rayo vallecano de madrid=rayo vallecano
        la coruna=deportivo la coruna|deportivo=deportivo la coruna|deportivo de la coruna=deportivo la coruna
        ferrol=racing ferrol|racing de ferrol=racing ferrol|espanyol barcelona=espanyol
        cultural leonesa=cultural leonesa
        ud las palmas=las palmas|leonesa=cultural leonesa|murcia=real murcia|sd logrones=sd_logrones
    """,
    "ITA": """
        inter=inter milan|juve=juventus|verona=hellas verona|chievo=chievo verona|lazio roma=lazio|as roma=roma
        ssc napoli=napoli|spal 2013=spal
        juventus turin=juventus|juventus torino=juventus|entella=virtus entella|vicenza=lr vicenza
        lr vicenza virtus=lr vicenza
    """,
    "GER": """
        bayern munchen=bayern munich|leverkusen=bayer leverkusen|bayer 04 leverkusen=bayer leverkusen
        hertha=hertha berlin
        hertha bsc=hertha berlin|hertha bsc berlin=hertha berlin|mgladbach=borussia monchengladbach
        m gladbach=borussia monchengladbach
        monchengladbach=borussia monchengladbach|gladbach=borussia monchengladbach|dortmund=borussia dortmund
        frankfurt=eintracht frankfurt|ein frankfurt=eintracht frankfurt|bielefeld=arminia bielefeld
        bremen=werder bremen
        union berlin=union berlin|braunschweig=eintracht braunschweig|rostock=hansa rostock|dresden=dynamo dresden
        hamburg=hamburger|karlsruhe=karlsruher|wurzburg=wurzburger kickers|aachen=alemannia aachen
        cottbus=energie cottbus
        fsv frankfurt=fsv_frankfurt|frankfurt fsv=fsv_frankfurt|regensburg=jahn regensburg|kiel=holstein kiel
        rw essen=rot weiss essen|rw erfurt=rot weiss erfurt
        leipzig=rb leipzig
        stuttgart=vfb_stuttgart|vfb stuttgart=vfb_stuttgart|1860 munich=1860 munich|munchen 1860=1860 munich
        koln=fc_koln
        fc koln=fc_koln|1 fc koln=fc_koln|cologne=fc_koln|1 fc cologne=fc_koln|fc cologne=fc_koln
        rasenballsport leipzig=rb leipzig
    """,
    "FRA": """
        lyon=olympique lyon|marseille=olympique marseille|st etienne=saint etienne|as saint etienne=saint etienne
        rennes=stade rennais
        stade rennais fc=stade rennais|brest=stade brestois|reims=stade reims|stade de reims=stade reims
        lens=rc lens|stade brestois 29=stade brestois
        monaco=as monaco|strasbourg=rc strasbourg|racing strasbourg=rc strasbourg|nice=ogc nice|lille=losc lille
        losc=losc lille
        lille osc=losc lille|auxerre=aj auxerre|caen=stade malherbe caen|laval=stade lavallois
        nimes=nimes olympique|sochaux=sochaux montbeliard
        paris saint germain=paris saint germain|ca bastia=ca_bastia|gfc ajaccio=gfc_ajaccio
        ajaccio gfco=gfc_ajaccio|gazelec ajaccio=gfc_ajaccio
        paris=paris fc_
    """,
    "NED": """
        nijmegen=nec nijmegen|nec=nec nijmegen|waalwijk=rkc waalwijk|rkc=rkc waalwijk|den haag=ado den haag
        ado=ado den haag|zwolle=pec zwolle
        for sittard=fortuna sittard|sparta=sparta rotterdam|feyenoord rotterdam=feyenoord|ajax amsterdam=ajax
        venlo=vvv venlo
        psv eindhoven=psv eindhoven|twente enschede=twente|vitesse arnhem=vitesse|cambuur leeuwarden=cambuur
        excelsior rotterdam=excelsior
    """,
    "POR": """
        sporting=sporting lisbon|guimaraes=vitoria guimaraes|vitoria sc=vitoria guimaraes|sp braga=braga
        sporting braga=braga
        vitoria de guimaraes=vitoria guimaraes|vitoria guimaraes sc=vitoria guimaraes|benfica lisbon=benfica
        sl benfica=benfica
        nacional madeira=nacional|cd nacional=nacional|nacional da madeira=nacional|setubal=vitoria setubal
        vitoria fc=vitoria setubal
        pacos ferreira=pacos de ferreira|estoril praia=estoril|avs=avs futebol|chaves=desportivo chaves
        os belenenses=belenenses
    """,
    "BEL": """
        standard=standard liege|club brugge kv=club_brugge|cercle=cercle_brugge|club brugge=club_brugge
        club bruges=club_brugge|brugge=club_brugge
        st gilloise=union saint gilloise|union sg=union saint gilloise|royale union sg=union saint gilloise
        usg=union saint gilloise
        royale union saint gilloise=union saint gilloise|union st gilloise=union saint gilloise
        leuven=oud heverlee leuven|waregem=zulte waregem
        oh leuven=oud heverlee leuven|st truiden=sint truiden|stvv=sint truiden|racing genk=genk
        beerschot va=beerschot
        cercle brugge=cercle_brugge|cercle brugge ksv=cercle_brugge|cercle bruges=cercle_brugge|royal antwerp=antwerp
    """,
    "TUR": """
        buyuksehyr=basaksehir|istanbul basaksehir=basaksehir|ad demirspor=adana demirspor|gaziantep fk=gaziantep
        goztep=goztepe
        karagumruk=fatih karagumruk|genclerbirligi ankara=genclerbirligi|ankaragucu=mke ankaragucu
        rizespor=caykur rizespor|amed=amedspor
    """,
    "GRE": """
        aek=aek athens|aris=aris thessaloniki|paok=paok thessaloniki|ofi crete=ofi|ofi=ofi
        olympiakos=olympiacos piraeus|olympiacos=olympiacos piraeus|larisa=larissa|giannina=pas giannina
        ae larissa=larissa|volos nfc=volos|volos nps=volos
    """,
    "ARG": """
        boca=boca juniors|river=river plate|newells=newells old boys|gimnasia lp=gimnasia la plata
        gimnasia=gimnasia la plata
        gimnasia y esgrima la plata=gimnasia la plata|estudiantes lp=estudiantes la plata
        estudiantes=estudiantes la plata
        racing=racing club_|racing club=racing club_|racing club avellaneda=racing club_
        independiente avellaneda=independiente
        estudiantes de la plata=estudiantes la plata|argentinos=argentinos juniors|talleres=talleres cordoba
        talleres de cordoba=talleres cordoba
        belgrano=belgrano cordoba|belgrano de cordoba=belgrano cordoba|instituto=instituto cordoba
        union=union santa fe
        union de santa fe=union santa fe|colon=colon santa fe|velez=velez sarsfield
        central cordoba=central cordoba santiago del estero
        central cordoba sde=central cordoba santiago del estero|godoy cruz mendoza=godoy cruz
        arsenal de sarandi=arsenal sarandi
        instituto ac cordoba=instituto cordoba|atletico tucuman=atletico tucuman|ind rivadavia=independiente rivadavia
        central cordoba santiago=central cordoba santiago del estero|ca union=union santa fe
        defensa=defensa y justicia
    """,
    "BRA": """
        atletico mineiro=atletico mg|atletico paranaense=atletico pr|athletico paranaense=atletico pr
        athletico pr=atletico pr
        atletico goianiense=atletico go|america mineiro=america mg|vasco=vasco da gama|cr vasco da gama=vasco da gama
        botafogo rj=botafogo|botafogo fr=botafogo|inter=internacional|sport=sport recife|vitoria=vitoria ba
        ec vitoria=vitoria ba
        bragantino=red bull bragantino|rb bragantino=red bull bragantino|flamengo rj=flamengo
        fluminense rj=fluminense|santos sp=santos
        gremio porto alegre=gremio|internacional porto alegre=internacional|operario ferroviario=operario pr
        atletico mineiro mg=atletico mg
    """,
    "URU": """
        ca progreso=progreso|club atletico progreso=progreso
        nacional montevideo=nacional|club nacional=nacional|river plate montevideo=river plate
        liverpool montevideo=liverpool|liverpool uru=liverpool|ca penarol=penarol|club atletico penarol=penarol
        wanderers=montevideo wanderers|torque=montevideo city torque|cerro montevideo=cerro
        racing club montevideo=racing|racing montevideo=racing|juventud=juventud de las piedras
    """,
    "CHI": """
        everton vina del mar=everton|everton de vina=everton|everton de vina del mar=everton|everton cd=everton
        u de chile=universidad de chile|u catolica=universidad catolica|u de concepcion=universidad de concepcion
        rangers talca=rangers|rangers de talca=rangers|la serena=deportes la serena|wanderers=santiago wanderers
    """,
    "ECU": """
        barcelona guayaquil=barcelona|barcelona sc guayaquil=barcelona|u catolica=universidad catolica
        universidad catolica quito=universidad catolica|libertad loja=libertad|libertad fc=libertad|ldu=ldu quito
        liga de quito=ldu quito|liga deportiva universitaria=ldu quito
        liga deportiva universitaria quito=ldu quito|ldu de quito=ldu quito
    """,
    "PAR": """
        nacional asuncion=nacional|club nacional=nacional|river plate asuncion=river plate
        guarani asuncion=guarani|club guarani=guarani|libertad asuncion=libertad|olimpia asuncion=olimpia
        cerro porteno asuncion=cerro porteno
    """,
    "RUS": """
        arsenal tula=arsenal|spartak=spartak moscow|lokomotiv=lokomotiv moscow|dinamo=dinamo moscow
        cska=cska moscow|zenit=zenit saint petersburg|zenit st petersburg=zenit saint petersburg
        krylya sovetov=krylya sovetov samara|fakel=fakel voronezh
    """,
    "COL": """
        nacional=atletico nacional|atletico nacional medellin=atletico nacional|santa fe=independiente santa fe
        medellin=independiente medellin|dim=independiente medellin|junior=junior barranquilla
        atletico junior=junior barranquilla|cali=deportivo cali|america=america de cali|tolima=deportes tolima
    """,
    "MEX": """
        america=club america_|club america=club america_|cf america=club america_|chivas=guadalajara
        chivas guadalajara=guadalajara|guadalajara chivas=guadalajara|cd guadalajara=guadalajara|pumas=pumas unam
        unam pumas=pumas unam|tigres=tigres uanl|santos=santos laguna|juarez=fc juarez_|fc juarez=fc juarez_
        atletico san luis=san luis
    """,
    "UKR": "metalist=metalist kharkiv|dynamo=dinamo kyiv|shakhtar=shakhtar donetsk",
    "ROU": """
        cs dinamo bucuresti=csdinamobucharest|cs dinamo bucharest=csdinamobucharest|dinamo=dinamo bucharest
        dinamo 1948=dinamo bucharest|dinamo 1948 bucuresti=dinamo bucharest|csa steaua=csasteaua
        steaua bucuresti=csasteaua|csa steaua bucuresti=csasteaua|fcsb=steaua fcsb
        universitatea craiova=universitatea craiova|cs universitatea craiova=universitatea craiova
        cs u craiova=universitatea craiova|fcu 1948 craiova=fcucraiova|fc u craiova 1948=fcucraiova
        fc u craiova=fcucraiova|cfr 1907 cluj=cfr cluj
    """,
    "BUL": """
        cska=cska sofia|pfc cska sofia=cska sofia|fc cska 1948=cska1948|cska 1948=cska1948
        cska 1948 sofia=cska1948|fc cska 1948 sofia=cska1948|levski=levski sofia
    """,
    "KSA": """
        al hilal riyadh=al hilal|al nassr riyadh=al nassr|al ahli jeddah=al ahli|al ittihad jeddah=al ittihad
        al shabab riyadh=al shabab
    """,
    "EGY": "al ahly=ahly|al ahly cairo=ahly|ahly cairo=ahly|al ahly sc=ahly|zamalek cairo=zamalek",
}


def _read(table: str) -> dict[str, tuple[str, ...]]:
    pairs = (entry.strip().partition("=") for entry in table.replace("\n", "|").split("|") if entry.strip())
    return {usual_name(name): _meaning(meaning) for name, _, meaning in pairs}


def _meaning(text: str) -> tuple[str, ...]:
    said = tuple(usual(word) for word in text.split())
    return tuple(word for word in said if word not in CLUB_WORDS) or said


def usual_name(name: str) -> str:
    """Return a name with its words in their usual spelling, the form in which by-names are looked up."""
    return " ".join(usual(word) for word in words(name))


_EVERYWHERE: Final = ""
BY_NAMES: Final = {country: _read(table) for country, table in _BY_NAMES.items()}


def meaning_of(name: str, country: str | None) -> tuple[str, ...] | None:
    """Return the words that a whole name (in the form of `usual_name`) stands for in a country's football, if any."""
    found = BY_NAMES.get(country, {}).get(name) if country else None
    return found or BY_NAMES[_EVERYWHERE].get(name)
