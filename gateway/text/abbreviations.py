"""What the sentence finder must know by heart: words whose full stop is not one, and words that open a sentence.

The lists are ours, collected by reading style guides and dictionaries' lists of abbreviations language by language. All
languages share one table, because a chatbot mixes them and does not say which one it writes. So if a word means
something in one language and abbreviates something in another (``no.``, ``art.``, ``sun.``), it is listed only in a
role in which the next word decides.
"""

from __future__ import annotations

import enum
from typing import Final


class Role(enum.Enum):
    """What a full stop after an abbreviation tells, by the kind of abbreviation."""

    TITLE = enum.auto()  # "Mr.", "St.", "ул.": a name follows; never ends a sentence
    INNER = enum.auto()  # "e.g.", "z.B.", "т.е.": stands in mid-sentence; never ends one
    NUMBERED = enum.auto()  # "No.", "p.", "fig.": mid-sentence before a number, otherwise a word like any other
    CLOSING = enum.auto()  # "etc.", "p.m.", "и т.д.": ends a sentence whenever a capital follows
    NAME = enum.auto()  # "Co.", "Inc.", "U.S.", "Ave.": ends one only if a word follows that often opens sentences


_TITLES: Final = (
    # English; military, church and parliament; saints and mountains as parts of place names
    (
        "mr mrs ms mx dr prof st mt messrs mmes rev fr hon pres gov sen rep amb supt det insp sgt cpl pvt capt cmdr "
        "cdr col gen lt maj adm brig pfc bro msgr rt assoc asst atty ald"
    ),
    # German, Dutch, Danish, Norwegian, Swedish
    "hr hrn fr frl dipl mag ing dhr mevr mw mej drs ir skt frk fru univ priv ev",
    # French, Spanish, Portuguese, Italian
    (
        "mme mlle mgr vve sr sra srta sres dra d dña lic arq mons pbro excmo excma hble ilmo sto sta exmo exma dott "
        "dottssa sig sig.ra sig.na sigg rag geom avv egr gent spett psicol dir amm profa dres sras gral eng av avda "
        "p.zza v.le c.so l.go arq"
    ),
    # Polish, Czech, Slovak
    "mgr inż dr.hab hab ks bp abp św płk gen por ppłk mjr ing mudr judr phdr rndr mvdr bc doc sv gen plk",
    # Russian, Bulgarian, Kazakh: people, streets, towns
    "г-н г-жа гр тов проф акад доц им ул пр просп пер пл наб обл пос св о д-р инж арх ген полк",
    # Ukrainian: streets, towns
    "вул просп бульв смт оз гр",
    # Greek
    "κ κα κος δρ καθ αγ",
    # Hindi and Marathi, Bengali, Gujarati, Punjabi, Tamil, Telugu, Kannada, Malayalam
    "डॉ डा प्रो पं श्री श्रीमती ড ডা ডঃ মি মো প্রফ ડૉ ડો શ્રી પ્રો ਡਾ",
    "திரு திருமதி டாக்டர் డా డాక్టర్ శ్రీ ప్రొ ಡಾ ಶ್ರೀ ಪ್ರೊ ഡോ മി ശ്രീ പ്രൊ പ്രൊഫ",
    # Hebrew
    "פרופ",
)
_INNER: Final = (
    "e.g i.e eg ie viz cf vs v ca c approx pron resp incl excl aka a.k.a i.a q.v ibid op op.cit loc.cit",
    "z.b d.h u.a o.ä u.ä bzw bspw ggf evtl inkl exkl zzgl vgl sog insb i.d.r m.e elektr mech fam z.t z.zt allg",
    "bes gem lt zw beisp kath evang",
    "bijv bv d.w.z m.b.t i.p.v o.a t.o.v i.v.m m.n m.u.v ong zgn aanw vnw bet wkg onb bnw zn ww",
    "f.eks fx bl.a dvs mht mv ift inkl ekskl pga jf ang osv.f",
    "p.ex p.e c.-à-d c.à.d env ex p.ej pág.s ej aprox aprx vid admón p.es es cfr ecc.f ad.es cd cosidd ee",
    "np tzn tj tzw m.in ok itp.f ang bałt łac niem franc wł por zob napr tzv resp cca tzn tj t.j t.zn t.č tzv",
    "т.е т.к т.н т.о напр ср см ср т.нар вкл т.э б.з.б б.з т.зв укр рос англ фр лат грец наук техн див вид журн",
    "π.χ δηλ βλ κ.ά",
    "geb gest verh abzgl mwst",
    "i.s.o",
)
_NUMBERED: Final = (
    (
        "no nos nr nrs nº n° № p pp pg pgs vol vols fig figs eq eqs sec secs ch chs chap para paras pt pts ex ed eds "
        "ver v art arts tab tbl app cl sect ser suppl tel ext op opus div rm apt ste "
        "inv cor rom matt eph thess heb exod deut prov eccl isa jer ezek zech yds pk"
    ),
    "bd bde abb abs abt aufl jg kap nrn s seite ziff rdnr str tél pág págs núm cap caps art párr párrf cra",
    "blz hfst afb st stk s nr kl tlf cca č čís str odst ods písm r pkt poz ust §",
    "gl zi bin int ziff abschn par разд mind tfno éd pag pagg num cell séc apto máx mín доб макс ок тел",
    "attn rte ap abit appt artt capp dpto ctra pça prov pza qty ref tav",
    "гл стр стор рис табл п пп разд вып т тт ч",
    "n cod",
)
_CLOSING: Final = (
    "etc et.c etcetera a.m p.m am pm b.c a.d b.c.e c.e bc ad",
    "usw u.s.w usf u.v.m v.chr n.chr",
    "enz e.d e.a osv o.s.v m.m m.fl m.v",
    "ecc itd itp atd atď apod a.pod i.t.d a.p",
    "т.д т.п т.б пр др ін и.др др.под н.э",
    "κ.λπ κλπ κ.ο.κ κ.τ.λ",
)
_NAMES: Final = (
    # companies and degrees
    (
        "al co corp inc ltd llc llp plc bros cie gmbh mbh s.a s.l s.r.l s.p.a spa srl n.v b.v a.s s.r.o sp sp.z.o.o jr "
        "sr esq ph.d phd m.d d.d.s b.a m.a b.sc m.sc ll.d d.c dept univ assn bldg inst intl mfg org orig dist est "
        "govt nat natl econ ee.uu uu ff.aa jj.oo"
    ),
    # streets, winds and states (those that are not words of their own)
    (
        "ave blvd rd hwy pkwy sq ln ct ter cir ne nw se sw ariz ark calif colo conn dak del fla ga ind kan kans ky "
        "mich minn mont neb nebr nev okla ont penn tenn tex va wash wis wyo que alta"
    ),
    # measures
    "bd amdt dev vit oz lb lbs cal ft yd mi mph hrs hr min mins sec secs kg km cm mm ml approx max std",
    "pers izq dcha dx sx ltda xíc cda cdas cdta cdtas cda cucch qq hab arr dép bât",
    "arch avg cía exa misc sfr temp yr л.с долл канд мес нед пикс",
    "abbr acct amt bal cert cont deg dep diam doz ea equiv esp ident mo mos poss prev prob req subj vers yds yrs gal",
    "seq cit quart umdr dipl.-ing p.a v.a sem trim c.à.c c.à.s s.v.p tza a.c pol",
    "anm art.-nr ausg best.-nr ehem eigtl einschl einw entspr geg gegr hausnr insbes insges jährl kd.-nr kto kto.-nr",
    "monatl nachm od pkte port päck rg.-nr schriftl tel.-nr telef tägl urspr versch vorm wöchentl z.hd zus apdo atte",
    "bco c.p cnel cta dto edif esc gob hna hno m.s.n.m mtro n.b núms obs pdte pral pta ptal ptos pzas s.n.m secc tít",
    "urb vto trad chem coll càd gén imm larg moy notam prép qté quest r.-v réf rép rés sach ét cad compr conf c.m",
    "dest escl fraz largh loc lungh mitt obbl p.s pti q.b rif s.l.m segg sez soc cel cia comp coord depto estr exc",
    "pess prox próx qtde rod secr trav ult últ адр балл букв гос дер дир ж.-д зам и.о изд искл корп моб нач теч оф очк",
    "под подр пом пред прибл прим ред соотв т.ч ув эт",
    (
        "az bibl lit лит gesch.-z "
        "a.a a.e.t adr adv alleg appts arriv auj ausschl autop ayto beil betr bez bim bott bout c.a c.c c.s cant "
        "carr cav cc.aa chaps cmdte colh comm compl cty cód d.c.r d.l d.lgs d.t.s dcho dern desc dte dtes "
        "durchschn e.v "
        "elev encl enf etg ew exp expy fatt ferm fracc fte fwy g.a ger geschl gew geöff ggü hebd hh hras hrs./wk hwys "
        "i.h.v illus ilma inscr iscr izda izdo izqda jew lett lgo lonch lte med mens mitgl mun máq mögl n.d.r ofc "
        "ouv p.b "
        "p.d p.p p.t p.v paq partic parág pdta pens pgto pianot pje postf precip pren presid proch profs prol prorrog "
        "prot prozentpkt préc prórr ptas pte pên qto qtos quot rac rebs recd rens repr rr.hh réduc s.d scad sched "
        "scheib "
        "schuhgr sgto suiv supp sécs t.a.b terr tot tpke transf tri tte uff unid unids venc verl vice-pres vors "
        "ауд б.п "
        "бут влажн выс вых диам ежедн каб кап кв.м ккал круглосут л.д лейт м.б назв опл ост отпр п.п пак поликл "
        "порц приб "
        "прил произв разг респ рус серж сокр стак сут у.е уп устар франц шир щеп "
        "ag cl col amp bot cass com cond conj cost cp cxs gar of pcts reg fat fett bicch cfr dcto fco fdo gta hnos "
        "ibíd op pról rev long lat rip sent sped tot "
        "umid vas vel cpr cps cra cáps c.f dip "
        "dorm dorms dec gts gtt prep prob prot "
        "staz u.s.c r.-d.-c с.ш ю.ш в.д з.д"
    ),
    (
        "abf abfl abz amp ank anl auftr.-nr ausf ausverk beschr c.t def dipl.-kfm dr.-ing erg erl gebr gepl ges "
        "geschw gestr getr hinf i.tr inbegr inh insg k.a kaps kat kü lief.-nr lieferb pos priv.-doz präs ref.-nr ri "
        "rückf s.t sdg.-nr ser.-nr st.-nr stellv tabl univ.-prof unverb ust-idnr v.l.n.r verbr verf verfügb verm "
        "vers.-nr vollst vorauss wahrsch z.h zeitr zul zurz übers dt engl frz ital span österr amerik europ internat "
        "russ griech jap chin türk poln niederl tgl gesetzl persönl elektron techn wiss öffentl öff südl nördl westl "
        "östl röm ärztl gewerbl kostenl zusätzl tatsächl ungef voraussichtl gleichz adj allem angl appart boul capac "
        "conso dens déb dépt fém gél hor hôp indiv inf interm litt livr masc mém p.-s pces plur puiss scol sup "
        "superf syn vac ép équiv étud gehmin civ pén trav asc арт авт амп аэроп вокз выкл г.р глаг греч д.м.н д.э.н "
        "зав зубч исп ит "
        "к.м.н к.т.н "
        "к.э.н капс каф комн кус ломт нареч отд повт преп пуч сущ таб экв яп внутр внеш верхн нижн сев юж вост зап "
        "обязат необх дополн разл соврем отеч зарубеж "
        "a.a.o ahd anh b.a.w b.w begr d.i d.j d.m d.ä ders desgl etw forts freiw gez i.d.f i.e.s i.j i.s.v i.v i.w "
        "i.w.s m.a.w m.b.h m.w n.a n.d n.e n.n o.b o.g o.j o.o s.o s.u teilw u.dgl u.e u.g u.u u.v.a u.v.a.m u.z "
        "u.zw u.ä.m umg v.d v.h v.j verst vgl.a viell vorl wwe z.z zeitschr ü.d.m admin coeff créd dict doss déf "
        "féd gouv log princ publ rem rég serv spéc syst sér util élec équip étab деп дисс ежед инст неск фак фам "
        "hist math chem biol phys akad brit schwed klass polit prakt jur landw wirtsch kompl spez offiz kurzfr "
        "mittelfr langfr regelm unregelm städt frdl kgl росс моск дет иностр науч офиц полит практ соц "
        "совм техн экон хоз леч псих биол адм бух ежемес центр опер разн абз упр"
    ),
    "акр барр дюйм об уз унц ярд рт.ст ст.л ч.л",
    "std min sek mio mrd tsd mill mld ca jhd jh jhdt uds ud mill mln tys zł gr godz min wiek",
    "млн млрд тыс тис руб коп грн кв куб чел экз ед од мин сек час год хв град га шт л кг км см мм м г гг в вв р рр",
    "проц с ғ ж жж мың",
    # months and days
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed weds thu thur thurs fri sat sun",
    "jän mär mrz okt dez janv févr avr juil déc ene abr ago dic gen mag giu lug set ott lun mié jue sáb",
    "febr fév fev febbr sett янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек",
    "mer mie sab dom seg jeu ven sam dim vie qua qui sex sáb gio пн вт чт пт сб вс",
)

# Abbreviations that are everyday words as well: before a capital their full stop ends the sentence.
ALSO_A_WORD: Final = frozenset(
    (
        "no am is an ex es art arts fig sat sun mar mon wed jun sec secs min max ed app op on ok cap caps cd est "
        "inst que wash del ga va ind set mag ago dist ser ten ad bc sp spa str tab ver ch bros org mill ang env por "
        "pro par pos bes bet ark det doc rag rep sto sta hon ing franc mi mio dez fru hab gent nat apt dir ne se lun "
        "bin int mind cell eng num arr dim vie sex jeu ven sam "
        "adv sched terr tri quot supp elev exp med repr comm desc prot mens mer mie dom ap ref temp misc mo dep "
        "ag amp bot cl col com cond cost cp gar of lat long reg rip sent sped tot vas vel cra dec dip dorm prep "
        "log math amp def erg pos sup inf span chin jap ital techn wiss vac зав "
        "sem pol port rod larg под мар вс час год град вид рос п т ч л"
    ).split()
)

ABBREVIATIONS: Final[dict[str, Role]] = {
    word: role
    # the later role wins: a title outweighs a measure ("st", "gen", "fr")
    for role, lists in (
        (Role.NAME, _NAMES),
        (Role.CLOSING, _CLOSING),
        (Role.NUMBERED, _NUMBERED),
        (Role.INNER, _INNER),
        (Role.TITLE, _TITLES),
    )
    for words in lists
    for word in words.split()
}

# Words that open sentences far more often than they continue a name after "Co." or "U.S.".
SENTENCE_OPENERS: Final = frozenset(
    (
        "the this that these those it it's its it’s he he's he’s she she's she’s they they're they’re we we're we’re "
        "you your i i'm i’m i've i’ve i'd i’d i'll i’ll my his her our their a an in on at if when while what what's "
        "what’s how why who where which but and so then there there's there’s here here's here’s however also did do "
        "does don't don’t is are was were can could would should please let let's let’s yes no not now as for from "
        "with after before some many most all each every one although because since until thus therefore meanwhile "
        "moreover today tomorrow yesterday next last another both either neither nothing everyone someone by to of "
        "during unlike despite once perhaps maybe der die das er sie es wir ihr ich du ein eine wie was wer wo warum "
        "wann und aber dann auch dieser diese dieses im in am dort hier man nach bei seit heute le la les il elle "
        "ils elles nous vous je tu on un une ce cette ces et mais puis comment pourquoi où quand el los las ellos "
        "ella él yo una pero y cómo qué quién dónde cuándo por en lo gli io noi voi come perché dove quando ma poi "
        "nel de het een hij zij wij ik jij maar hoe waarom dat dit det den de han hun vi jeg hvad hvem hvor hvordan "
        "og men så det's to on ona ono oni my wy ja co kto gdzie kiedy ale i w nie он она оно они мы вы я ты это "
        "этот эта эти в на и но а как что кто где когда почему не потом той тя те ние аз він вона воно вони ми ви цей "
        "ця ці та але що як хто де коли чому тоді потім ο η το οι τα αυτός αυτή "
        "αυτό και πώς τι"
    ).split()
)

# Those that as often join the halves of one sentence.
CONJUNCTIONS: Final = frozenset(
    "and but so or if when while as und aber et mais y pero e ma en maar i и а но he she".split()
)

# "12. Juni", "7. Apríla", "3. Jahrhundert": the sentence goes on after such a number, however it is spelt.
AFTER_ORDINALS: Final = frozenset(
    (
        "og stock etage mal montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
        "jan jän feb febr mär mrz apr aug sept okt nov dez "
        "januar jänner februar feber märz april mai juni juli august september oktober november dezember január "
        "február marec apríl máj jún júl október december januára februára marca apríla mája júna júla augusta "
        "septembra októbra novembra decembra leden únor březen duben květen červen červenec srpen září říjen "
        "listopad prosinec ledna února března dubna května června července srpna října listopadu prosince januari "
        "februari maart mei augustus marts maj juni juli stycznia lutego marca kwietnia maja czerwca lipca sierpnia "
        "września października listopada grudnia tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta "
        "heinäkuuta elokuuta syyskuuta lokakuuta sinfonie symphonie jahrhundert jahrhunderts jahrtausend jahrtausends"
    ).split()
)

# Articles and prepositions that come before an ordinal ("am 3.", "der 2. Weltkrieg") rather than before a quantity.
BEFORE_ORDINALS: Final = frozenset(
    (
        "der die das den dem des am vom zum im beim jeder jede jedes jeden jedem seit ab bis den det til fra na od do "
        "w dnia sein seine seinen seinem mein meine meinen meinem dein deine ihr ihre ihren ihrem unser unsere"
    ).split()
)

# "n. Chr.", "av. J.-C.": an abbreviation of several words, by its first and what may follow it.
PAIRS: Final[dict[str, frozenset[str]]] = {
    "n": frozenset({"chr"}),
    "v": frozenset({"chr"}),
    "av": frozenset({"j", "j.-c", "j.c"}),
    "ap": frozenset({"j", "j.-c", "j.c"}),
    "a": frozenset({"c"}),
    "d": frozenset({"c"}),
    "p": frozenset({"n.e", "n"}),
}

# "said", "added", "as follows" …, as Arabic has them before a colon; "and" and "so" are one letter in front of them.
SAYS_IN_ARABIC: Final = frozenset(
    (
        "قال قالت قالوا يقول تقول يقولون أضاف أضافت يضيف تضيف أكد أكدت يؤكد أوضح أوضحت يوضح ذكر ذكرت يذكر صرح صرحت "
        "كتب كتبت يكتب سأل سألت أجاب أجابت رد ردت تابع تابعت شرح شرحت تشرح يشرح أعلن أعلنت قائلا قائلاً قائلة قائلةً "
        "اعترف اعترفت ختم التالي التالية الآتي الآتية يلي مثل منها وهي هي هو وهو"
    ).split()
)

# Units in which a sentence may end: after a number, a capital begins the next sentence.
MEASURES: Final = frozenset(
    "oz lb lbs ft yd mi mph hrs hr min mins sec secs kg km cm mm ml in g кг км см мм мин хв сек руб коп грн".split()
)

# Words said of a time; they may open a sentence ("At 5 a.m. Mr. Smith went …") and end one.
TIMES: Final = frozenset("a.m p.m am pm b.c a.d b.c.e c.e v.chr n.chr".split())

BEFORE_TIMES: Final = frozenset(
    "at in by around about until till on before after since from um gegen ab à vers a las kl om o в около".split()
)

# "6 p.m. Sunday", "3 p.m. EST"
AFTER_TIMES: Final = frozenset(
    (
        "monday tuesday wednesday thursday friday saturday sunday est edt cst cdt mst mdt pst pdt gmt utc bst cet cest "
        "ist jst et ct mt pt eastern central pacific"
    ).split()
)

# "Dr. med.", "Dr. rer. nat.": a small word with a stop after one of these is part of the degree.
BEFORE_DEGREES: Final = frozenset("dr. prof. rer. med.".split())

# Words without a vowel that are words all the same.
VOWELLESS_WORDS: Final = frozenset("hmm hm mm mmm shh sh pfft pff brr tsk psst pst grr nth rhythm tv pc cd dvd".split())

# Behind a stop without a blank these end a name, of a host, of a file, or in a program ("file.Name"); few of them begin
# sentences.
NAME_ENDINGS: Final = frozenset(
    "com net org co io ai app info tv js ts py rs rb md uk eu edu gov mil biz dev exe dll pdf csv json xml html css "
    "php cpp name names type value values length count size id path text data item items key keys index title url "
    "tostring".split()
)

# Names that carry their own exclamation or question mark.
NAMES_WITH_MARKS: Final = frozenset("yahoo! jeopardy! yum! joomla! panic! which?".split())
