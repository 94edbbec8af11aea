"""The names of the months in the languages that feeds write dates in, against their standards."""

import re
import unicodedata
from functools import lru_cache

# Twelve names a line, as they stand in dates (in the genitive, where a language has one); names
# that two languages give to different months, as Croatian and Czech do, are left out.
_NAMES = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
januar februar märz april mai juni juli august september oktober november dezember
jänner feber mrz apr mai jun jul aug sept okt nov dez
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janv févr mars avr mai juin juil août sept oct nov déc
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene feb mar abr may jun jul ago set oct nov dic
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
jan fev mar abr mai jun jul ago set out nov dez
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gen feb mar apr mag giu lug ago set ott nov dic
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
januari februari maart april mei juni juli augustus september oktober november december
jan feb mrt apr mei jun jul aug sep okt nov dec
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
jan feb mars apr mai jun jul aug sep okt nov des
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta \
lokakuuta marraskuuta joulukuuta
tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
janvāra februāra marta aprīļa maija jūnija jūlija augusta septembra oktobra novembra decembra
sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
sty lut mar kwi maj cze lip sie wrz paź lis gru
ledna února března dubna května června července srpna září října listopadu prosince
led úno bře dub kvě čvn čvc srp zář říj lis pro
januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
január február március április május június július augusztus szeptember október november december
jan febr márc ápr máj jún júl aug szept okt nov dec
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ian feb mar apr mai iun iul aug sept oct nov dec
januar februar mart april maj jun jul avgust septembar oktobar novembar decembar
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
oca şub mar nis may haz tem ağu eyl eki kas ara
januari februari maret april mei juni juli agustus september oktober november desember
jan feb mar apr mei jun jul agt sep okt nov des
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
янв фев мар апр май июн июл авг сен окт ноя дек
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
січ лют бер кві тра чер лип сер вер жов лис гру
януари февруари март април май юни юли август септември октомври ноември декември
јануар фебруар март април мај јун јул август септембар октобар новембар децембар
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου \
νοεμβρίου δεκεμβρίου
ιαν φεβ μάρ απρ μάι ιούν ιούλ αύγ σεπ οκτ νοέ δεκ
ιαν φεβ μαρ απρ μάϊ ιουν ιουλ αυγ σεπ οκτ νοε δεκ
ιαν φεβ μάώ απρ μαϊ ιον ιολ αυγ σεπ οκτ νοε δεκ
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
- شباط آذار نيسان أيار حزيران تموز آب أيلول - - -
جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר
जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
"""
# The Levant's names that are two words: the first of them is shared.
_PAIRS = {
    "كانون الثاني": 1,
    "تشرين الأول": 10,
    "تشرين الثاني": 11,
    "كانون الأول": 12,
}


# Accents, and the hamza over and under an alef: dates are written with and without them.
_ACCENTS = re.compile("[\u0300-\u036f\u0654\u0655]")


def folded(name: str) -> str:
    """`name` without case and accents."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold()))


@lru_cache(1)
def months() -> dict[str, int]:
    """Folded names of months, of one word or two -> 1..12."""
    found: dict[str, int] = {}
    for line in _NAMES.strip().splitlines():
        for number, name in enumerate(line.split(), 1):
            if name != "-":
                found.setdefault(folded(name), number)
    return found | {folded(pair): number for pair, number in _PAIRS.items()}
