"""Pairs of a fixture and a match that a careless mapping gets wrong, and hard pairs that it should still get right.

A line is `odds' competition: home v away = FotMob's competition: home v away`, where the second competition is left out
if it is the first one's. `+3` at its end: so many hours later at FotMob. Each line is judged
by itself, as if nothing else were played: the hardest case, for what else is played only adds evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import League, State, Team
from PROPPR.SharedServices.odds.types import Fixture

KICKOFF = datetime(2026, 3, 21, 15, 0, tzinfo=UTC)

# odds' country - league, FotMob's country, league, id
COMPETITIONS = {
    "EPL": ("England - Premier League", "ENG", "Premier League", 47),
    "CH": ("England - Championship", "ENG", "Championship", 48),
    "L1": ("England - League One", "ENG", "League One", 108),
    "FAC": ("England - FA Cup", "ENG", "FA Cup", 132),
    "EFL": ("England - EFL Cup", "ENG", "EFL Cup", 133),
    "WSL": ("England - FA WSL, Women", "ENG", "WSL", 9227),
    "PL2": ("England - Premier League 2", "ENG", "Premier League 2", 9084),
    "U18": ("England - U18 Premier League", "ENG", "Premier League U18", 10068),
    "SCO": ("Scotland - Premiership", "SCO", "Premiership", 64),
    "ESP": ("Spain - La Liga", "ESP", "LaLiga", 87),
    "ES2": ("Spain - La Liga 2", "ESP", "LaLiga2", 140),
    "ES3": ("Spain - Primera Federacion", "ESP", "Primera Federacion - Group 2", 8968),
    "LF": ("Spain - Liga F", "ESP", "Liga F", 9907),
    "ITA": ("Italy - Serie A", "ITA", "Serie A", 55),
    "IT2": ("Italy - Serie B", "ITA", "Serie B", 86),
    "IT3": ("Italy - Serie C, Group B", "ITA", "Serie C Grp. B", 147),
    "ITW": ("Italy - Serie A, Women", "ITA", "Serie A Femminile", 10178),
    "GER": ("Germany - Bundesliga", "GER", "Bundesliga", 54),
    "GE2": ("Germany - 2. Bundesliga", "GER", "2. Bundesliga", 146),
    "GE4": ("Germany Amateur - Regionalliga West", "GER", "Regionalliga West", 512),
    "FRA": ("France - Ligue 1", "FRA", "Ligue 1", 53),
    "NED": ("Netherlands - Eredivisie", "NED", "Eredivisie", 57),
    "NE2": ("Netherlands - Eerste Divisie", "NED", "Eerste Divisie", 111),
    "NEW": ("Netherlands - KNVB Beker, Women", "NED", "KNVB Beker Women", 10668),
    "POR": ("Portugal - Liga Portugal", "POR", "Liga Portugal", 61),
    "BEL": ("Belgium - Pro League", "BEL", "Belgian Pro League", 40),
    "TUR": ("Turkiye - Super Lig", "TUR", "Super Lig", 71),
    "GRE": ("Greece - Super League", "GRE", "Super League", 135),
    "ROU": ("Romania - Superliga", "ROU", "Superliga", 189),
    "BUL": ("Bulgaria - First Professional League", "BUL", "First Professional League", 270),
    "RUS": ("Russia - Premier League", "RUS", "Premier League", 63),
    "RU2": ("Russia - First League", "RUS", "First League", 338),
    "UKR": ("Ukraine - Premier League", "UKR", "Premier League", 441),
    "SRB": ("Serbia - Super Liga", "SRB", "Super Liga", 182),
    "DEN": ("Denmark - Superliga", "DEN", "Superligaen", 46),
    "SWE": ("Sweden - Allsvenskan", "SWE", "Allsvenskan", 67),
    "NOR": ("Norway - Eliteserien", "NOR", "Eliteserien", 59),
    "AUT": ("Austria - Bundesliga", "AUT", "Bundesliga", 38),
    "SUI": ("Switzerland - Super League", "SUI", "Super League", 69),
    "CYP": ("Cyprus - 1. Division", "CYP", "Cyprus League", 136),
    "ISR": ("Israel - Premier League", "ISR", "Ligat HaAl", 127),
    "IDN": ("Indonesia - Super League", "IDN", "Super League", 8983),
    "KSA": ("Saudi Arabia - Pro League", "KSA", "Saudi Pro League", 536),
    "UAE": ("United Arab Emirates - Pro League", "UAE", "Pro League", 538),
    "EGY": ("Egypt - Premier League", "EGY", "Premier League", 519),
    "USA": ("USA - MLS", "USA", "Major League Soccer", 130),
    "NXT": ("USA - MLS Next Pro", "USA", "MLS Next Pro", 10282),
    "NWSL": ("USA - NWSL, Women", "USA", "NWSL", 9134),
    "ARG": ("Argentina - Liga Profesional", "ARG", "Liga Profesional", 112),
    "BRA": ("Brazil - Brasileiro Serie A", "BRA", "Serie A", 268),
    "BR2": ("Brazil - Brasileiro Serie B", "BRA", "Serie B", 8814),
    "BR3": ("Brazil - Brasileiro Serie C", "BRA", "Serie C", 8971),
    "CHI": ("Chile - Primera Division", "CHI", "Primera Division", 273),
    "URU": ("Uruguay - Primera Division", "URU", "Liga AUF Uruguaya", 161),
    "PAR": ("Paraguay - Division Profesional", "PAR", "Division Profesional", 199),
    "ECU": ("Ecuador - Serie A", "ECU", "Serie A", 246),
    "COL": ("Colombia - Primera A", "COL", "Primera A", 274),
    "MEX": ("Mexico - Liga MX", "MEX", "Liga MX", 230),
    "AUS": ("Australia - A-League", "AUS", "A-League Men", 113),
    "AUW": ("Australia - A-League, Women", "AUS", "A-League Women", 9495),
    "CL": ("International Clubs - UEFA Champions League", "INT", "Champions League", 42),
    "UEL": ("International Clubs - UEFA Europa League", "INT", "Europa League", 73),
    "UYL": ("International Clubs - UEFA Youth League", "INT", "UEFA Youth League", 9741),
    "WCL": ("International Clubs - UEFA Champions League, Women", "INT", "Women's Champions League", 9375),
    "LIB": ("International Clubs - Copa Libertadores", "INT", "Copa Libertadores", 45),
    "CF": ("International Clubs - Club Friendly Games", "INT", "Club Friendlies", 489),
    "WC": ("International - World Cup", "INT", "World Cup", 77),
    "WWC": ("International - Women's World Cup", "INT", "Women's World Cup", 76),
    "AFC": ("International - Africa Cup of Nations", "INT", "Africa Cup of Nations", 289),
    "INT": ("International - Int. Friendly Games", "INT", "Friendlies", 114),
    "U21": ("International Youth - Friendlies U21", "INT", "Friendlies U-21", 344),
    "ESO": ("International - Esoccer Battle - 8 mins play", "INT", "Club Friendlies", 489),
    "GTL": ("International - GT Leagues - 12 mins play", "ENG", "Premier League", 47),
    "SRL": ("Simulated Reality League - Premier League SRL", "ENG", "Premier League", 47),
    "???": (" - Premier League", "ENG", "Premier League", 47),
}

OTHERS = """
EPL: Manchester City v Liverpool = Manchester United v Liverpool
EPL: Man Utd v Man City = Manchester City v Manchester United
EPL: Manchester United v Arsenal = Manchester City v Arsenal
EPL: Man City v Everton = Manchester United v Everton
EPL: Manchester v Everton = Manchester United v Everton
EPL: Sheffield United v Leeds = Sheffield Wednesday v Leeds United
CH: Sheffield v Leeds = Sheffield Wednesday v Leeds United
CH: Sheffield Wed v Hull City = Sheffield United v Hull City
CH: Bristol City v Stoke = Bristol Rovers v Stoke City
L1: Bristol Rovers v Barnsley = Bristol City v Barnsley
EPL: West Ham United v Newcastle = West Bromwich Albion v Newcastle United
EPL: West Brom v Wolves = West Ham United v Wolverhampton Wanderers
EPL: Newcastle United v Leeds United = Leeds United v Newcastle United
EPL: Southampton v Chelsea = Northampton Town v Chelsea
L1: Northampton v Reading = Southampton v Reading
L1: Burton Albion v Bolton = Brighton & Hove Albion v Bolton Wanderers
EPL: Burnley v Everton = Barnsley v Everton
EPL: Liverpool v Everton = Everton v Liverpool
EPL: Arsenal v Tottenham = Tottenham Hotspur v Arsenal
EPL: Crystal Palace v Aston Villa = Chelsea v Aston Villa
EPL: Nottingham Forest v Leicester = Notts County v Leicester City
L1: Forest Green Rovers v Derby = Nottingham Forest v Derby County
L1: Accrington Stanley v Oxford = Darlington v Oxford United
L1: Cambridge United v Wigan = Oxford United v Wigan Athletic
L1: AFC Wimbledon v Barrow = Milton Keynes Dons v Barrow
CH: Queens Park Rangers v Hull = Queens Park v Hull City
SCO: Dundee v Hearts = Dundee United v Hearts
SCO: Dundee United v Celtic = Dundee v Celtic
SCO: Dundee FC v Rangers = Dundee United v Rangers
SCO: Dundee v Dundee United = Dundee United v Dundee
SCO: Celtic v Rangers = Rangers v Celtic
SCO: Hearts v Hibernian = Hibernian v Hearts
SCO: Queens Park v Ross County = Queen of the South v Ross County
ESP: Real Sociedad v Getafe = Real Madrid v Getafe
ESP: Real Madrid v Sevilla = Atletico Madrid v Sevilla
ESP: Atletico Madrid v Girona = Real Madrid v Girona
ESP: Athletic Bilbao v Girona = Atletico Madrid v Girona
ESP: Real Betis v Elche = Real Sociedad v Elche
ESP: Real Oviedo v Alaves = Real Valladolid v Deportivo Alaves
ESP: Barcelona v Valencia = Espanyol v Valencia
ESP: Real Madrid v Barcelona = Barcelona v Real Madrid
ESP: Rayo Vallecano v Celta Vigo = Real Valladolid v Celta Vigo
ES2: Racing Santander v Eibar = Racing Ferrol v Eibar
ES2: Sporting Gijon v Huesca = Racing Santander v Huesca
ES2: Deportivo La Coruna v Malaga = Deportivo Alaves v Malaga
ES2: Cultural Leonesa v Eibar = Cordoba v Eibar
ITA: Inter v Lazio = Milan v Lazio
ITA: AC Milan v Roma = Inter v Roma
ITA: Milan v Torino = Inter v Juventus
ITA: Inter Milan v Milan = Milan v Inter
ITA: Lazio v Roma = Roma v Lazio
ITA: Torino v Genoa = Juventus v Genoa
ITA: Hellas Verona v Parma = Chievo Verona v Parma
ITA: Genoa v Lecce = Sampdoria v Lecce
IT3: Lecco v Novara = Lecce v Novara
IT2: Brescia v Bari = Bra v Bari
IT3: Torres v Ternana = Torino v Ternana
GER: Bayern Munich v Mainz = 1860 Munich v Mainz 05
GER: Borussia Dortmund v Freiburg = Borussia Monchengladbach v Freiburg
GER: Borussia M'gladbach v Koln = Borussia Dortmund v 1. FC Koln
GER: Hertha Berlin v Augsburg = Union Berlin v Augsburg
GER: Eintracht Frankfurt v Bochum = Eintracht Braunschweig v Bochum
GER: RB Leipzig v Wolfsburg = Lokomotive Leipzig v Wolfsburg
GER: VfB Stuttgart v Hoffenheim = Stuttgarter Kickers v Hoffenheim
GER: 1. FC Koln v Mainz 05 = Viktoria Koln v Mainz 05
GER: Werder Bremen v Heidenheim = Bremer SV v Heidenheim
GE2: Hannover 96 v Darmstadt = HSC Hannover v Darmstadt
GE2: Fortuna Dusseldorf v Kiel = Fortuna Koln v Holstein Kiel
FRA: Paris FC v Lens = Paris Saint-Germain v Lens
FRA: PSG v Nice = Paris FC v Nice
FRA: Olympique Lyonnais v Lille = Olympique Marseille v Lille
FRA: Stade Rennais v Nantes = Stade Brestois v Nantes
FRA: Brest v Metz = Bastia v Metz
NED: Sparta Rotterdam v Ajax = Feyenoord v Ajax
NED: Excelsior v Twente = Sparta Rotterdam v Twente
POR: Sporting CP v Porto = Sporting Braga v FC Porto
POR: Vitoria Guimaraes v Benfica = Vitoria Setubal v Benfica
POR: Academica v Tondela = Academico Viseu v Tondela
POR: Nacional v Arouca = Moreirense v Arouca
BEL: Genk v Standard = Gent v Standard Liege
BEL: Gent v Anderlecht = Genk v Anderlecht
BEL: Club Brugge v Westerlo = Cercle Brugge v Westerlo
BEL: Cercle Brugge v Antwerp = Club Brugge v Antwerp
TUR: Ankaragucu v Goztepe = Genclerbirligi v Goztepe
TUR: Istanbul Basaksehir v Rizespor = Istanbulspor v Rizespor
GRE: Aris v PAOK = Asteras Tripolis v PAOK
GRE: AEK Athens v Volos = AE Larissa v Volos
CYP: AEK Larnaca v Pafos = AEL Limassol v Pafos FC
CYP: Apollon Limassol v Omonia = Aris Limassol v Omonia Nicosia
ROU: Universitatea Craiova v Rapid = FC U Craiova 1948 v Rapid Bucuresti
ROU: FCSB v CFR Cluj = CSA Steaua v CFR Cluj
ROU: Dinamo Bucuresti v Hermannstadt = CS Dinamo Bucuresti v Hermannstadt
ROU: CFR Cluj v Botosani = Universitatea Cluj v Botosani
BUL: CSKA Sofia v Levski = CSKA 1948 v Levski Sofia
BUL: Lokomotiv Sofia v Arda = Lokomotiv Plovdiv v Arda Kardzhali
BUL: Botev Plovdiv v Montana = Botev Vratsa v Montana
RUS: Dynamo Moscow v Rostov = Lokomotiv Moscow v Rostov
RUS: Spartak Moscow v Orenburg = CSKA Moscow v Orenburg
UKR: Metalist 1925 v Poltava = Metalist Kharkiv v SC Poltava
UKR: Shakhtar Donetsk v Zorya = Shakhtyor Soligorsk v Zorya
SRB: Radnicki Nis v Partizan = FK Radnicki 1923 v Partizan
SRB: Mladost Lucani v Cukaricki = Mladost Novi Sad v Cukaricki
SWE: Djurgarden v AIK = Hammarby v AIK
SWE: GAIS v Sirius = IFK Goteborg v Sirius
NOR: Rosenborg v Molde = Rosengard v Molde
AUT: Rapid Wien v LASK = Austria Wien v LASK
AUT: Salzburg v Sturm Graz = Austria Salzburg v Sturm Graz
AUT: Wolfsberger AC v Altach = Wolfsburg v Altach
SUI: FC Zurich v Basel = Grasshopper Zurich v Basel
ISR: Maccabi Tel Aviv v Netanya = Hapoel Tel Aviv v Netanya
ISR: Hapoel Haifa v Ashdod = Maccabi Haifa v Ashdod
IDN: Persija v Arema = Persita v Arema
IDN: Persik v Dewa United = Persis Solo v Dewa United
KSA: Al Ahli v Damac = Al Hilal v Damac
KSA: Al Nassr v Al Fateh = Al Nasr v Al Fateh
EGY: Al Ahly v Pyramids = Al Ittihad v Pyramids
USA: Inter Miami v Orlando City = CL: Inter Milan v Orlando City
USA: New York Red Bulls v DC United = New York City FC v DC United
USA: LA Galaxy v Austin FC = Los Angeles FC v Austin FC
USA: Atlanta United v Nashville = Minnesota United v Nashville SC
ARG: Independiente v Tigre = Independiente Rivadavia v Tigre
ARG: Estudiantes La Plata v Huracan = Gimnasia La Plata v Huracan
ARG: Talleres Cordoba v Lanus = Instituto Cordoba v Lanus
ARG: River Plate v Boca Juniors = Boca Juniors v River Plate
ARG: Racing Club v Banfield = Racing de Cordoba v Banfield
ARG: Central Cordoba v Platense = Rosario Central v Platense
ARG: San Martin de San Juan v Sarmiento = San Martin de Tucuman v Sarmiento
BRA: Atletico Mineiro v Bahia = Athletico Paranaense v Bahia
BRA: Botafogo v Ceara = Fortaleza v Ceara
BR2: Botafogo SP v Goias = Botafogo PB v Goias
BR2: America Mineiro v Avai = America RN v Avai
BRA: Internacional v Santos = Gremio v Santos
BR2: Operario PR v Cuiaba = Operario MS v Cuiaba
BRA: Atletico Goianiense v Vasco = Atletico Mineiro v Vasco da Gama
COL: Atletico Nacional v Pasto = Independiente Medellin v Deportivo Pasto
COL: Deportivo Cali v Tolima = America de Cali v Deportes Tolima
MEX: Santos Laguna v Toluca = Club America v Toluca
CHI: Universidad de Chile v Colo Colo = Universidad Catolica v Colo Colo
CHI: Universidad Catolica v Palestino = Universidad de Concepcion v Palestino
AUS: Melbourne City v Perth Glory = Melbourne Victory v Perth Glory
AUS: Western United v Sydney FC = Western Sydney Wanderers v Sydney FC
CL: Inter Milan v Barcelona = CF: Inter Miami v Barcelona
CL: Real Madrid v Benfica = CL: Real Sociedad v Benfica
CL: Sporting CP v Arsenal = CL: Braga v Arsenal
CL: Manchester City v Real Madrid = CL: Real Madrid v Manchester City
CF: Arsenal v Tula = RU2: Arsenal Tula v Tula
EPL: Arsenal v Everton = CHI: Arsenal v Everton
EPL: Everton v Liverpool = URU: Everton v Liverpool FC
CHI: Everton v Nublense = EPL: Everton v Nublense
RU2: Arsenal Tula v Ural = EPL: Arsenal v Ural
ARG: Arsenal Sarandi v Tigre = EPL: Arsenal v Tigre
URU: Nacional v River Plate = PAR: Nacional v River Plate
PAR: Nacional v Guarani = URU: Nacional v Guarani
URU: River Plate v Cerro = ARG: River Plate v Cerro
ARG: River Plate v Newells = URU: River Plate v Newells
ECU: Barcelona SC v Emelec = ESP: Barcelona v Emelec
ESP: Barcelona v Real Madrid = ECU: Barcelona v Real Madrid
ECU: Universidad Catolica v Delfin = CHI: Universidad Catolica v Delfin
POR: Nacional v Santa Clara = URU: Nacional v Santa Clara
URU: Liverpool v Nacional = EPL: Liverpool v Nacional
CHI: Rangers v Magallanes = SCO: Rangers v Magallanes
BRA: Santos v Flamengo = MEX: Santos v Flamengo
PAR: Guarani v Libertad = BR3: Guarani v Libertad
PAR: Libertad v Olimpia = ECU: Libertad v Olimpia
MEX: America v Pumas = COL: America v Pumas
MEX: Guadalajara v Leon = ESP: Guadalajara v Leon
AUS: Newcastle Jets v Sydney FC = EPL: Newcastle United v Sydney FC
GER: Bayern Munich v Augsburg = AUT: Bayern Munich v Augsburg
UAE: Al Nasr v Al Ain = KSA: Al Nassr v Al Ain
UAE: Al Wahda v Sharjah = KSA: Al Wehda v Sharjah
KSA: Al Ahli v Al Ittihad = EGY: Al Ahly v Al Ittihad
KSA: Al Hilal v Al Shabab = UAE: Al Hilal v Al Shabab
ROU: Rapid v Otelul = AUT: Rapid v Otelul
GER: Union Berlin v Mainz = ARG: Union v Mainz
???: Arsenal v Chelsea = EPL: Arsenal v Chelsea
EPL: Arsenal v Chelsea = WSL: Arsenal (W) v Chelsea (W)
WSL: Arsenal W v Chelsea W = EPL: Arsenal v Chelsea
WSL: Manchester City v Liverpool = EPL: Manchester City v Liverpool
EPL: Everton Ladies v Brighton Women = EPL: Everton v Brighton & Hove Albion
LF: Barcelona v Real Madrid = ESP: Barcelona v Real Madrid
ESP: Barcelona Femenino v Atletico Madrid Femenino = Barcelona v Atletico Madrid
ESP: Atletico Madrid (F) v Sevilla (F) = Atletico Madrid v Sevilla
ITA: Juventus Women v Roma Femminile = Juventus v Roma
ITW: Inter v Como Women = ITA: Inter v Como
FRA: Paris SG (W) v Lyon (W) = Paris Saint-Germain v Lyon
CL: Barcelona v Bayern Munich = WCL: Barcelona (W) v Bayern München (W)
WCL: Chelsea v Arsenal = CL: Chelsea v Arsenal
NEW: Twente v PSV = NED: FC Twente v PSV Eindhoven
NED: Ajax Vrouwen v PSV Vrouwen = Ajax v PSV Eindhoven
SWE: Hacken Dam (W) v Hammarby (W) = BK Häcken v Hammarby IF
NOR: Brann Kvinner v Valerenga Kvinner = Brann v Vålerenga
AUW: Melbourne City v Wellington Phoenix = AUS: Melbourne City FC v Wellington Phoenix
AUS: Sydney FC v Perth Glory = AUW: Sydney FC v Perth Glory
NWSL: Orlando Pride v Houston Dash = USA: Orlando City v Houston Dynamo
USA: Seattle Sounders v Portland Timbers = NWSL: Seattle Reign FC (W) v Portland Thorns (W)
WC: Brazil v Japan = WWC: Brazil (W) v Japan (W)
WWC: USA v Sweden = WC: USA v Sweden
INT: England (W) v France (W) = England v France
INT: Spain Women v Italy Women = Spain v Italy
ES2: Real Sociedad B v Mirandes = Real Sociedad v Mirandes
ESP: Real Sociedad v Mirandes = ES2: Real Sociedad B v CD Mirandes
ES3: Real Madrid Castilla v Alcorcon = ESP: Real Madrid v Alcorcon
ES3: Real Madrid C v Algeciras = Real Madrid Castilla v Algeciras
ES3: Bilbao Athletic v Teruel = Athletic Bilbao v CD Teruel
ES3: Athletic Bilbao v Teruel = Bilbao Athletic v CD Teruel
ES3: Sevilla Atletico v Ibiza = Sevilla v Ibiza
ES3: Betis Deportivo v Tarazona = Real Betis v SD Tarazona
ES3: Villarreal B v Hercules = Villarreal v Hercules
ES3: Atletico Madrileno v Marbella = Atletico Madrid v Marbella FC
ES3: Celta Fortuna v Merida = Celta Vigo v Merida
ES3: Barcelona Atletic v Sestao = Barcelona v Sestao River
GE4: Borussia Dortmund II v Wuppertal = Borussia Dortmund v Wuppertaler SV
GE4: FC Koln II v Bocholt = FC Köln v FC Bocholt
GE4: Bayern Munchen II v Ansbach = Bayern München v Ansbach
GE4: Schalke 04 II v Oberhausen = Schalke 04 v Oberhausen
NE2: Jong Ajax v Den Bosch = Ajax v FC Den Bosch
NE2: Jong PSV v Dordrecht = PSV Eindhoven v FC Dordrecht
NED: Ajax v Utrecht = NE2: Jong Ajax v Jong FC Utrecht
POR: Benfica B v Porto B = Benfica v FC Porto
POR: Sporting CP v Vizela = Sporting CP B v Vizela
IT3: Juventus Next Gen v Ascoli = ITA: Juventus v Ascoli
IT3: Atalanta U23 v Lecco = Atalanta v Lecco
IT3: Milan Futuro v Pescara = Milan v Pescara
NXT: Inter Miami II v Orlando City B = USA: Inter Miami CF v Orlando City
NXT: New York City FC II v Columbus Crew 2 = New York City FC v Columbus Crew
USA: New York Red Bulls II v Atlanta United 2 = New York Red Bulls v Atlanta United
NOR: Asane 2 v Varegg = Åsane v Varegg
DEN: Brondby II v Viborg = Brøndby IF v Viborg
RUS: Zenit-2 v Spartak-2 = Zenit St. Petersburg v Spartak Moscow
UKR: Dynamo Kyiv 2 v Poltava = Dynamo Kyiv v SC Poltava
EPL: Brighton & Hove Albion Reserves v Fulham Reserves = Brighton & Hove Albion v Fulham
PL2: Manchester United U21 v Arsenal U21 = EPL: Manchester United v Arsenal
EPL: Chelsea v Fulham = PL2: Chelsea U21 v Fulham U21
PL2: Chelsea U21 v Fulham U21 = U18: Chelsea U18 v Fulham U18
U18: Arsenal U18 v Crystal Palace U18 = EPL: Arsenal v Crystal Palace
UYL: Real Madrid U19 v Barcelona U19 = CL: Real Madrid v Barcelona
UYL: Real Madrid v Liverpool = CL: Real Madrid v Liverpool
CL: Ajax v Benfica = UYL: Ajax U19 v Benfica U19
U21: England U21 v Spain U21 = INT: England v Spain
U21: Germany U21 v Italy U21 = U21: Germany U20 v Italy U20
INT: France U-17 v Portugal U-17 = INT: France v Portugal
INT: Brazil U20 v Argentina U20 = INT: Brazil U17 v Argentina U17
INT: Japan Sub-20 v Mexico Sub-20 = INT: Japan v Mexico
BRA: Palmeiras U20 v Santos U20 = Palmeiras v Santos
ITA: Roma Primavera v Lazio Primavera = Roma v Lazio
WC: Winner Group A v Runner-up Group B = Brazil v Japan
WC: 1A v 3C/D/F = Mexico v Ecuador
WC: W73 v W75 = Canada v Morocco
WC: TBD v Brazil = Norway v Brazil
WC: Brazil v To be announced = Brazil v Norway
WC: Winner of Wc v France = Spain v France
WC: Spain v Portugal/Croatia = Spain v Portugal
WC: Loser SF1 v Loser SF2 = France v England
WC: Group E Winner v Best 3rd A/B/C = Germany v Paraguay
CL: Winner Quarterfinal 1 v Winner Quarterfinal 2 = Arsenal v Barcelona
CL: Play-off Winner 3 v Liverpool = Galatasaray v Liverpool
FAC: Winner Match 12 v Arsenal = Wigan Athletic v Arsenal
FAC: TBC v Chelsea = Port Vale v Chelsea
WC: France v Brazil = Winner Match 97 v Winner Match 98
WC: Mexico v Ecuador = 1A v 3C/E/F/H/I
ESO: Real Madrid (Kodak) Esports v Barcelona (Krysto) Esports = CF: Real Madrid v Barcelona
ESO: Arsenal (Bomb1to) v Chelsea (Kray) = CF: Arsenal v Chelsea
GTL: Liverpool (Hero) v Man City (Boss) = EPL: Liverpool v Manchester City
GTL: Liverpool v Manchester City = EPL: Liverpool v Manchester City
SRL: Liverpool SRL v Arsenal SRL = EPL: Liverpool v Arsenal
EPL: Tottenham (Shooter) v Chelsea (Nikkitta) = Tottenham Hotspur v Chelsea
CF: PSG (Volvo) v Juventus (Hotshot) = Paris Saint-Germain v Juventus
INT: France (Jordan99) v Spain (Maksdh) = France v Spain
EPL: Arsenal Esports v Chelsea Esports = Arsenal v Chelsea
EPL: Arsenal v Chelsea = Arsenal v Chelsea +300
EPL: Arsenal v Chelsea = Arsenal v Chelsea -400
EPL: Arsenal v Chelsea = FAC: Arsenal v Chelsea +72
FAC: Arsenal v Chelsea = EPL: Arsenal v Chelsea +20
EFL: Arsenal v Chelsea = FAC: Arsenal v Chelsea
EPL: Arsenal v Chelsea = Chelsea v Arsenal +48
CL: Arsenal v Bayern Munich = Bayern München v Arsenal +168
CL: Benfica v Porto = UEL: Benfica v FC Porto +48
ESP: Betis v Sevilla = Sevilla v Real Betis
CF: Arsenal v Watford = Arsenal v Watford +5
CF: Ajax v Utrecht = Ajax v FC Utrecht +26
INT: Qatar v Oman = Qatar v Oman +72
EPL: Brighton v Wolves = Brighton & Hove Albion v West Ham United
SRB: Crvena Zvezda v Partizan = Red Star Belgrade v Vojvodina
AFC: Congo v Mali = DR Congo v Mali
AFC: DR Congo v Mali = Congo v Malawi
AFC: Guinea v Gabon = Equatorial Guinea v Gabon
AFC: Guinea-Bissau v Togo = Guinea v Togo
AFC: Niger v Ghana = Nigeria v Ghana
AFC: Sudan v Uganda = South Sudan v Uganda
INT: Ireland v Wales = Northern Ireland v Wales
INT: Austria v Japan = Australia v Japan
INT: Slovakia v Malta = Slovenia v Malta
INT: Iran v Oman = Iraq v Oman
INT: South Korea v China = North Korea v China
INT: Dominica v Cuba = Dominican Republic v Cuba
INT: Samoa v Fiji = American Samoa v Fiji
INT: USA v Mexico = Jamaica v Mexico
EPL: Derby County v Notts County = Stockport County v Derby County
EPL: Sunderland v Newcastle = Newcastle United v Sunderland
ITA: Como v Sassuolo = ITW: Como Women v Sassuolo (W)
GER: Bayer Leverkusen v Bochum = Bayern München v Bochum
ESP: Levante v Elche = Levante B v Elche
NED: NAC Breda v Heracles = NEC Nijmegen v Heracles
ARG: Gimnasia La Plata v Tigre = Gimnasia Mendoza v Tigre
URU: Racing v Danubio = ARG: Racing Club v Danubio
EPL: FC United of Manchester v Bury = Manchester United v Bury
"""

SAME = """
EPL: Man Utd v Man City = Manchester United v Manchester City
EPL: Spurs v Wolves = Tottenham Hotspur v Wolverhampton Wanderers
EPL: Brentford FC v Wolverhampton Wanderers = Brentford v Wolves
EPL: AFC Bournemouth v Manchester United = Bournemouth v Man United
EPL: Brighton & Hove Albion v Liverpool FC = Brighton v Liverpool
EPL: Nott'm Forest v Leeds = Nottingham Forest v Leeds United
CH: Sheff Utd v QPR = Sheffield United v Queens Park Rangers
CH: Sheffield Weds v West Brom = Sheffield Wednesday v West Bromwich Albion
SCO: Dundee v Hearts = Dundee FC v Heart of Midlothian
SCO: Dundee Utd v Hibs = Dundee United v Hibernian
ESP: Ath Madrid v Ath Bilbao = Atletico Madrid v Athletic Club
ESP: Atlético de Madrid v Real Betis Balompié = Atletico Madrid v Real Betis
ESP: Sociedad v Celta = Real Sociedad v Celta Vigo
ES3: Bilbao Athletic v Teruel = Athletic Club B v CD Teruel
ES3: Real Madrid Castilla v Betis Deportivo = Real Madrid B v Real Betis B
ITA: Inter v AC Milan = Inter v Milan
ITA: Internazionale v Hellas Verona FC = Inter Milan v Verona
GER: Bayern Munich v Borussia M'gladbach = Bayern München v Borussia Mönchengladbach
GER: FC Koln v Hertha = 1. FC Köln v Hertha BSC
GER: Mainz v Bayer 04 Leverkusen = 1. FSV Mainz 05 v Leverkusen
GER: Hamburg v Ein Frankfurt = Hamburger SV v Eintracht Frankfurt
FRA: Paris SG v St Etienne = Paris Saint-Germain v Saint-Étienne
FRA: Lyon v Marseille = Olympique Lyonnais v Olympique de Marseille
NED: PSV v AZ = PSV Eindhoven v AZ Alkmaar
NE2: Jong Ajax v VVV-Venlo = Jong Ajax Amsterdam v VVV Venlo
NED: Willem II v NEC = Willem II Tilburg v NEC Nijmegen
POR: Sporting Lisbon v Sp Braga = Sporting CP v Braga
POR: Vitoria SC v FC Porto = Vitória de Guimarães v Porto
BEL: St Truiden v Union SG = Sint-Truiden v Union St.Gilloise
TUR: Besiktas JK v Fenerbahce = Beşiktaş v Fenerbahçe
TUR: Goztep v Istanbul Basaksehir = Göztepe v Başakşehir
GRE: Olympiakos v PAOK Thessaloniki = Olympiacos Piraeus v PAOK
RU2: Arsenal Tula v Ural = Arsenal v Ural
UKR: Dynamo Kiev v Shakhtar = Dynamo Kyiv v Shakhtar Donetsk
SRB: Crvena Zvezda v Partizan = Red Star Belgrade v Partizan
DEN: FC Kobenhavn v Brondby = FC København v Brøndby IF
SWE: Malmo FF v IFK Goteborg = Malmö FF v IFK Göteborg
NOR: Bodo/Glimt v Lillestrom SK = Bodø/Glimt v Lillestrøm
AUT: Rapid Vienna v SK Sturm Graz = Rapid Wien v Sturm Graz
BUL: CSKA 1948 Sofia v CSKA Sofia = CSKA 1948 v PFC CSKA Sofia
ROU: FC U Craiova 1948 v FCSB = FC U Craiova v Steaua FCSB
KSA: Al-Nassr Riyadh v Al Hilal = Al Nassr FC v Al-Hilal Riyadh
UAE: Al Ain FC v Al-Wahda = Al-Ain v Al Wahda
USA: LA Galaxy v Los Angeles FC = Los Angeles Galaxy v LAFC
NXT: Inter Miami II v Columbus Crew 2 = Inter Miami CF II v Columbus Crew II
ARG: River Plate v Estudiantes LP = CA River Plate v Estudiantes de La Plata
BRA: Atletico-MG v Athletico Paranaense = Atlético Mineiro v Athletico PR
CHI: Everton Vina del Mar v Colo-Colo = Everton CD v Colo Colo
URU: Nacional Montevideo v Liverpool Montevideo = Nacional v Liverpool FC
ECU: Barcelona Guayaquil v LDU Quito = Barcelona SC v Liga de Quito
MEX: Club America v Pumas UNAM = CF America v Pumas
WSL: Arsenal WFC v Chelsea Women = Arsenal (W) v Chelsea (W)
AUW: Sydney FC W v Perth Glory (W) = Sydney FC v Perth Glory
ITW: Inter Milano (F) v Como = Inter (W) v Como Women (W)
PL2: Man Utd U-21 v Brighton U21 = Manchester United U21 v Brighton & Hove Albion U21
UYL: Real Madrid (U19) v Liverpool Under 19 = Real Madrid U19 v Liverpool U19
WC: South Korea v Czech Republic = Korea Republic v Czechia
WC: Turkey v USA = Turkiye v United States
WC: Ivory Coast v Curaçao = Cote d'Ivoire v Curacao
WC: Bosnia & Herzegovina v DR Congo = Bosnia and Herzegovina v Congo DR
WC: Brazil v Japan = Japan v Brazil
CF: Arsenal v Inter Milan = Inter v Arsenal
EPL: Arsenal v Chelsea = Arsenal v Chelsea +2
EPL: Arsenal v Chelsea = Arsenal v Chelsea +24
EPL: Arsenal v Chelsea = Arsenal v Chelsea +96
EPL: Everton FC v Chelsea FC = Everton v Chelsea -29
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A fixture, a match, and whether they are one game."""

    line: str
    fixture: Fixture
    match: ListedMatch
    is_same: bool


def cases() -> list[Case]:
    """Return all pairs, those that are one game last."""
    lines = [(line, False) for line in OTHERS.strip().splitlines()]
    lines += [(line, True) for line in SAME.strip().splitlines()]
    return [_case(number, line, is_same) for number, (line, is_same) in enumerate(lines, 1)]


def _case(number: int, line: str, is_same: bool) -> Case:
    ours, _, theirs = line.partition(" = ")
    key, _, teams = ours.partition(": ")
    their_key, separator, their_teams = theirs.partition(": ")
    their_key, their_teams = (their_key, their_teams) if separator else (key, theirs)
    hours = 0
    if their_teams.rsplit(" ", 1)[1].lstrip("+-").isdigit() and their_teams.rsplit(" ", 1)[1][0] in "+-":
        their_teams, _, shift = their_teams.rpartition(" ")
        hours = int(shift)
    country, _, league = COMPETITIONS[key][0].partition(" - ")
    _, code, name, competition = COMPETITIONS[their_key]
    home, away = teams.split(" v ")
    match_home, match_away = their_teams.split(" v ")
    kickoff = KICKOFF + timedelta(hours=hours)
    fixture = Fixture(
        number, home, away, "football", league, country, KICKOFF.isoformat(), int(KICKOFF.timestamp() * 1000), "pending"
    )
    match = ListedMatch(
        5_000_000 + number, League(competition, name, code), kickoff, Team(2 * number, match_home),
        Team(2 * number + 1, match_away), State.SCHEDULED,
    )  # fmt: skip
    return Case(line, fixture, match, is_same)
