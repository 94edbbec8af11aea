"""Sentences of our own in several languages, and articles made of them."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from tests.store.making import NOW
from worker import store
from worker.clustering import FileArticle, Placed, cluster

HARBOUR = (
    "The harbour council voted late on Monday to close the old ferry terminal for two winters.",
    "Engineers found cracks in eleven of the forty timber piles that carry the waiting hall.",
    "Passengers for the islands will board from a floating pier beside the fish market instead.",
    "Mayor Ilse Brandvold said the closure was painful but that nobody would gamble with lives.",
    "Shopkeepers along the quay fear that visitors will stay away until the hall is open again.",
    "A first estimate puts the cost of new piles at nine million crowns, half of it from the state.",
    "Fishermen offered to lend their own boats on days when the wind keeps the ferries in port.",
    "Work is to begin in March, once the ice has gone and divers have mapped the sea bed.",
)
ORCHARD = (
    "Growers in the valley expect the smallest apple harvest in a generation after the May frost.",
    "Blossom froze on three nights in a row although candles burned between the rows of trees.",
    "The cooperative has asked banks to put off repayments until the next crop has been sold.",
    "Cider makers are already looking for fruit across the border and paying twice the old price.",
    "Agronomist Teodor Hallik warned that such nights will come more often as winters grow mild.",
    "Some families plan to graft later varieties, which would take five years to bear fully.",
    "Insurance covers hail but not frost, a gap that parliament has promised to look into.",
    "The harvest festival will go ahead all the same, with juice from last year's store.",
)
LANGUAGES = {
    "ar": (
        "وافق مجلس الميناء مساء الاثنين على إغلاق محطة العبارات القديمة خلال فصلي شتاء كاملين.",
        "واكتشف المهندسون شقوقا في عدد كبير من الأعمدة الخشبية التي تحمل قاعة الانتظار الكبرى.",
        "وسيصعد المسافرون إلى الجزر من رصيف عائم بجانب سوق السمك إلى أن تنتهي أعمال الترميم.",
        "وقالت رئيسة البلدية إن القرار مؤلم لكنه ضروري لأن سلامة الناس تأتي قبل كل شيء آخر.",
        "ويخشى أصحاب المتاجر أن يبتعد الزوار عن الرصيف حتى تفتح القاعة أبوابها من جديد.",
    ),
    "fa": (
        "شورای بندر دیروز رأی داد که پایانه قدیمی کشتی‌های مسافری برای دو زمستان بسته شود.",
        "مهندسان در شمار زیادی از پایه‌های چوبی که تالار انتظار را نگه می‌دارند شکاف پیدا کرده‌اند.",
        "مسافران جزیره‌ها تا پایان کار از اسکله‌ای شناور در کنار بازار ماهی سوار خواهند شد.",
        "شهردار گفت این تصمیم دردناک است اما هیچ‌کس نباید با جان مردم قمار کند.",
        "کاسبان کنار بندر می‌ترسند که گردشگران تا باز شدن دوباره تالار به آنجا نیایند.",
    ),
    "ru": (
        "Совет порта в понедельник вечером решил закрыть старый паромный вокзал на две зимы.",
        "Инженеры обнаружили трещины во многих деревянных сваях, на которых стоит зал ожидания.",
        "Пассажиры на острова будут садиться с плавучего причала возле рыбного рынка.",
        "Мэр города сказала, что решение тяжёлое, но рисковать жизнью людей никто не станет.",
        "Торговцы на набережной боятся, что гости не приедут, пока зал снова не откроется.",
    ),
    "tr": (
        "Liman meclisi pazartesi akşamı eski feribot iskelesini iki kış boyunca kapatma kararı aldı.",
        "Mühendisler bekleme salonunu taşıyan ahşap kazıkların birçoğunda derin çatlaklar buldu.",
        "Adalara giden yolcular çalışmalar bitene kadar balık pazarının yanındaki yüzer iskeleden binecek.",
        "Belediye başkanı kararın acı olduğunu ama kimsenin canıyla kumar oynanmayacağını söyledi.",
        "Rıhtımdaki esnaf, salon yeniden açılıncaya kadar ziyaretçilerin gelmeyeceğinden korkuyor.",
    ),
    "zh": (
        "港口委员会周一晚间投票决定将旧渡轮码头关闭两个冬季以便进行全面维修。",
        "工程师在支撑候船大厅的许多木桩中发现了很深的裂缝，认为不能继续使用。",
        "前往各个岛屿的乘客在施工期间将改从鱼市场旁边的浮动码头上船出发。",
        "市长表示这一决定令人痛心，但是任何人都不应该拿市民的生命来冒险。",
        "沿岸的店主担心游客在大厅重新开放之前不会再到码头附近来购物。",
    ),
    "el": (
        "Το συμβούλιο του λιμανιού αποφάσισε τη Δευτέρα να κλείσει τον παλιό σταθμό για δύο χειμώνες.",
        "Οι μηχανικοί βρήκαν βαθιές ρωγμές σε πολλούς ξύλινους πασσάλους κάτω από την αίθουσα αναμονής.",
        "Οι επιβάτες για τα νησιά θα επιβιβάζονται από πλωτή προβλήτα δίπλα στην ψαραγορά.",
        "Η δήμαρχος είπε ότι η απόφαση είναι οδυνηρή αλλά κανείς δεν παίζει με ανθρώπινες ζωές.",
        "Οι καταστηματάρχες φοβούνται ότι οι επισκέπτες δεν θα έρχονται μέχρι να ανοίξει ξανά.",
    ),
}  # fmt: skip
HEADLINES = {
    "ar": "إغلاق محطة العبارات القديمة شتاءين", "fa": "پایانه قدیمی کشتی‌های مسافری بسته می‌شود",
    "ru": "Старый паромный вокзал закрывают на две зимы",
    "tr": "Eski feribot iskelesi iki kış kapalı", "zh": "旧渡轮码头关闭两个冬季",
    "el": "Κλείνει ο παλιός σταθμός για δύο χειμώνες",
}  # fmt: skip
FERRY = "Council closes old ferry terminal for two winters"
FROST = "Frost leaves valley with smallest apple harvest"


def article(
    name: str,
    lines: Sequence[str],
    title: str = FERRY,
    *,
    source: str = "",
    published: datetime | None = NOW,
    url: str | None = None,
) -> FileArticle:
    source = source or f"{name}.example"
    return FileArticle(name, title, "\n".join(lines), published, source, url)


def stories(db: store.Database, *articles: FileArticle, group: int = 8) -> dict[str, Placed]:
    """Where articles come that are taken in one after the other."""
    return {one.id: one for one in cluster(db, articles, NOW, group)}


@cache
def strangers(count: int) -> tuple[FileArticle, ...]:
    """Articles that have nothing to do with one another."""
    return tuple(
        article(
            f"stranger{n}",
            [" ".join(f"w{n}x{line}y{word}" for word in range(14)) for line in range(6)],
            f"Title w{n}x1 w{n}x2 w{n}x3",
        )
        for n in range(count)
    )
