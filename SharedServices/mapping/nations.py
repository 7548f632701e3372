"""Countries by every name the sources give them: national teams, and the countries that leagues belong to.

The codes are FIFA's three letters, as FotMob uses them for the countries of its leagues; INT is what spans countries.
"""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.mapping.names import fold

INTERNATIONAL: Final = "INT"

_TABLE: Final = """
AFG Afghanistan|ALB Albania|ALG Algeria|AND Andorra|ANG Angola|ARM Armenia|AUS Australia|AUT Austria|BAH Bahamas
AIA Anguilla|ARU Aruba|ASA American Samoa|ATG Antigua and Barbuda,Antigua & Barbuda,Antigua Barbuda|ARG Argentina
AZE Azerbaijan|BAN Bangladesh|BDI Burundi|BEL Belgium|BEN Benin|BER Bermuda|BFA Burkina Faso|BHR Bahrain|BHU Bhutan
BIH Bosnia and Herzegovina,Bosnia-Herzegovina,Bosnia Herzegovina,Bosnia & Herzegovina,Bosnia|BLR Belarus|BLZ Belize
BOE Bonaire|BOL Bolivia|BOT Botswana|BRA Brazil,Brasil|BRB Barbados|BRU Brunei,Brunei Darussalam|BUL Bulgaria
CAM Cambodia|CAN Canada|CAY Cayman Islands|CGO Congo,Republic of the Congo,Congo Republic,Congo Brazzaville
CHA Chad|CHI Chile|CHN China,China PR,PR China|CIV Ivory Coast,Cote d'Ivoire|CMR Cameroon|COK Cook Islands
COD DR Congo,Congo DR,Democratic Republic of the Congo,Democratic Republic of Congo,D.R. Congo,Congo Kinshasa
COL Colombia|COM Comoros|CPV Cape Verde,Cabo Verde,Cape Verde Islands|CRC Costa Rica|CRO Croatia|CUB Cuba
CTA Central African Republic|CUW Curacao|CYP Cyprus|CZE Czechia,Czech Republic|DEN Denmark|DJI Djibouti|DMA Dominica
DOM Dominican Republic|ECU Ecuador|EGY Egypt|ENG England|EQG Equatorial Guinea|ERI Eritrea|ESP Spain|EST Estonia
ETH Ethiopia|FIJ Fiji|FIN Finland|FRA France|FRO Faroe Islands,Faroes|GAB Gabon|GAM Gambia,The Gambia|GEO Georgia
GER Germany|GHA Ghana|GIB Gibraltar|GLP Guadeloupe|GNB Guinea-Bissau|GRE Greece|GRN Grenada|GUA Guatemala|GUI Guinea
GUM Guam|GUY Guyana|GUF French Guiana|HAI Haiti|HKG Hong Kong,Hong Kong China|HON Honduras|HUN Hungary
IDN Indonesia|IND India|IRL Ireland,Republic of Ireland,Rep of Ireland,Ireland Republic|IRN Iran,IR Iran|IRQ Iraq
ISL Iceland|ISR Israel|ITA Italy|JAM Jamaica|JOR Jordan|JPN Japan|KAZ Kazakhstan|KEN Kenya
KGZ Kyrgyzstan,Kyrgyz Republic|KOR South Korea,Korea Republic,Republic of Korea,Korea South|KSA Saudi Arabia
KUW Kuwait|KVX Kosovo|LAO Laos|LBN Lebanon|LBR Liberia|LBY Libya|LCA St Lucia,Saint Lucia|LES Lesotho
LIE Liechtenstein|LTU Lithuania|LUX Luxembourg|LVA Latvia|MAC Macau,Macao|MAD Madagascar|MAR Morocco|MAS Malaysia
MDA Moldova|MDV Maldives|MEX Mexico|MKD North Macedonia,Macedonia,FYR Macedonia|MLI Mali|MLT Malta|MNE Montenegro
MNG Mongolia|MOZ Mozambique|MRI Mauritius|MSR Montserrat|MTN Mauritania|MTQ Martinique|MWI Malawi|MYA Myanmar,Burma
NAM Namibia|NCA Nicaragua|NCL New Caledonia|NED Netherlands,Holland,The Netherlands|NEP Nepal|NGA Nigeria|NIG Niger
NIR Northern Ireland|NOR Norway|NZL New Zealand|OMA Oman|PAK Pakistan|PAN Panama|PAR Paraguay|PER Peru|PHI Philippines
PLE Palestine,Palestinian Territory|PNG Papua New Guinea|POL Poland|POR Portugal|PRK North Korea,Korea DPR,DPR Korea
PUR Puerto Rico|QAT Qatar|ROU Romania|RSA South Africa|RUS Russia|RWA Rwanda|SAM Samoa|SCO Scotland|SDN Sudan
SEN Senegal|SEY Seychelles|SIN Singapore|SKN St Kitts and Nevis,Saint Kitts and Nevis,St Kitts & Nevis
SLE Sierra Leone|SLV El Salvador|SMR San Marino|SOL Solomon Islands|SOM Somalia|SRB Serbia|SRI Sri Lanka
SSD South Sudan|STP Sao Tome and Principe,Sao Tome & Principe|SUI Switzerland|SUR Suriname|SVK Slovakia,Slovak Republic
SVN Slovenia|SWE Sweden|SWZ Eswatini,Swaziland|SYR Syria|TAH Tahiti|TAN Tanzania|TCA Turks and Caicos Islands
TGA Tonga|THA Thailand|TJK Tajikistan|TKM Turkmenistan|TLS Timor-Leste,East Timor|TOG Togo
TPE Chinese Taipei,Taiwan,Taipei|TRI Trinidad and Tobago,Trinidad & Tobago|TUN Tunisia|TUR Turkey,Turkiye
UAE United Arab Emirates,UAE,U.A.E.|UGA Uganda|UKR Ukraine|URU Uruguay|USA USA,United States,United States of America
UZB Uzbekistan|VAN Vanuatu|VEN Venezuela|VGB British Virgin Islands|VIE Vietnam,Viet Nam|VIR US Virgin Islands
VIN St Vincent and the Grenadines,Saint Vincent and the Grenadines,St Vincent Grenadines|WAL Wales|YEM Yemen
ZAM Zambia|ZIM Zimbabwe|GBR Great Britain|ZAN Zanzibar
"""
_NATIONS: Final[dict[str, str]] = {
    fold(name): entry.strip()[:3]
    for entry in _TABLE.replace("\n", "|").split("|")
    if entry.strip()
    for name in entry.strip()[4:].split(",")
}
CODES: Final = frozenset(_NATIONS.values())
_INTERNATIONAL_NAMES: Final = frozenset(
    fold(name)
    for name in """
    International,International Clubs,International Club,International Youth,International Women,World,Europe,Africa
    Asia,Oceania,South America,North America,North and Central America,Central America,Americas,INT
    UEFA,FIFA,CONMEBOL,CONCACAF,CAF,AFC,OFC
    """.replace("\n", ",").split(",")
    if name.strip()
)
# Words that a source adds to a country to split its leagues; they say nothing about the country.
_ADDITIONS: Final = (" amateur", " amateurs", " youth", " women", " clubs", " reserves", " national")


def nation_code(name: str) -> str | None:
    """Return the code of the country with exactly this name, in any known spelling; None for everything else."""
    return _NATIONS.get(fold(name))


def country_code(name: str | None) -> str | None:
    """Return the code of a league's country, INT for what spans countries, None where that is not known.

    Takes a code as it is; "England Amateur" is England.
    """
    if not name:
        return None
    folded = fold(name)
    if folded in _INTERNATIONAL_NAMES:
        return INTERNATIONAL
    if folded.upper() in CODES:
        return folded.upper()
    if folded not in _NATIONS:
        for addition in _ADDITIONS:
            folded = folded.removesuffix(addition)
    return INTERNATIONAL if folded in _INTERNATIONAL_NAMES else _NATIONS.get(folded)
