//! Texts, and how many tokens the families' own tokenizers make of them.

/// A text and its counts: `o200k_base`, `cl100k_base`, Llama 3, Tekken, Claude's published one, Gemma 3.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) counts: [u64; 6],
    pub(super) text: &'static str,
}

pub(super) const SAMPLES: [Sample; 17] = [
    Sample {
        name: "english",
        counts: [107, 107, 107, 110, 108, 107],
        text: r#"The gateway stood at the edge of the old town, where the road from the harbour meets the river. Every morning before sunrise a man with a grey coat opened its two heavy wings, swept the stones and waited for the first carts. He never asked anybody for a name. "Those who come this early," he used to say, "have been asked often enough." In winter, when ice made the bridge slippery, he would spread ashes from his own stove, and nobody ever thanked him, because nobody ever saw him do it."#,
    },
    Sample {
        name: "german",
        counts: [81, 99, 98, 81, 106, 80],
        text: "Am Rand der alten Stadt, wo die Straße vom Hafen auf den Fluss trifft, stand das Tor. Jeden Morgen vor Sonnenaufgang öffnete ein Mann in grauem Mantel seine beiden schweren Flügel, fegte die Steine und wartete auf die ersten Karren. Nach einem Namen fragte er nie. Wer so früh kommt, pflegte er zu sagen, ist schon oft genug gefragt worden.",
    },
    Sample {
        name: "french",
        counts: [71, 82, 82, 68, 86, 71],
        text: "La porte se dressait à la lisière de la vieille ville, là où la route du port rejoint la rivière. Chaque matin avant le lever du soleil, un homme en manteau gris ouvrait ses deux lourds battants, balayait les pierres et attendait les premières charrettes. Il ne demandait jamais de nom à personne.",
    },
    Sample {
        name: "spanish",
        counts: [68, 83, 83, 68, 87, 66],
        text: "La puerta se alzaba al borde de la ciudad vieja, donde el camino del puerto se encuentra con el río. Cada mañana, antes de que saliera el sol, un hombre de abrigo gris abría sus dos pesadas hojas, barría las piedras y esperaba los primeros carros. Nunca le preguntaba el nombre a nadie.",
    },
    Sample {
        name: "russian",
        counts: [74, 119, 83, 76, 130, 69],
        text: "Ворота стояли на краю старого города, там, где дорога из гавани встречается с рекой. Каждое утро до восхода солнца человек в сером пальто открывал обе тяжёлые створки, подметал камни и ждал первые телеги. Он никогда никого не спрашивал об имени.",
    },
    Sample {
        name: "arabic",
        counts: [62, 133, 77, 59, 173, 67],
        text: "كانت البوابة تقف على حافة المدينة القديمة، حيث يلتقي الطريق القادم من الميناء بالنهر. في كل صباح قبل شروق الشمس كان رجل يرتدي معطفا رماديا يفتح جناحيها الثقيلين ويكنس الحجارة وينتظر العربات الأولى.",
    },
    Sample {
        name: "hindi",
        counts: [64, 200, 104, 75, 216, 51],
        text: "पुराने शहर के किनारे पर एक द्वार खड़ा था, जहाँ बंदरगाह से आने वाली सड़क नदी से मिलती है। हर सुबह सूरज उगने से पहले एक आदमी उसके दोनों भारी पल्ले खोलता, पत्थर साफ करता और पहली गाड़ियों की प्रतीक्षा करता था।",
    },
    Sample {
        name: "chinese",
        counts: [81, 118, 83, 92, 107, 74],
        text: "老城边上有一座城门，从港口来的路在那里和河流相遇。每天日出之前，一个穿灰色大衣的人打开两扇沉重的门，扫干净石板，等着第一批车子到来。他从来不问任何人的名字。他常说，来得这么早的人，已经被问得够多了。",
    },
    Sample {
        name: "japanese",
        counts: [84, 113, 78, 80, 109, 67],
        text: "古い町の端に門が立っていた。港から来る道が川と出会うところである。毎朝、日の出前に、灰色の外套を着た男が重い二枚の扉を開け、石畳を掃き、最初の荷車を待っていた。男は誰にも名前を尋ねなかった。",
    },
    Sample {
        name: "korean",
        counts: [77, 120, 77, 66, 134, 72],
        text: "오래된 도시의 가장자리에 문이 서 있었다. 항구에서 오는 길이 강과 만나는 곳이었다. 매일 아침 해가 뜨기 전에 회색 외투를 입은 남자가 무거운 두 문짝을 열고 돌을 쓸고 첫 수레를 기다렸다. 그는 누구에게도 이름을 묻지 않았다.",
    },
    Sample {
        name: "rust",
        counts: [129, 129, 129, 132, 144, 152],
        text: "impl<S> Gate<S> {
    /// Opens the gate, if it is not open yet.
    pub fn open(&mut self, at: Instant) -> Result<Pass, Closed> {
        match self.state {
            State::Open { since } if at >= since => Ok(Pass::new(since)),
            State::Ajar => {
                self.state = State::Open { since: at };
                self.opened.fetch_add(1, Ordering::Relaxed);
                Ok(Pass::new(at))
            }
            _ => Err(Closed { until: self.next_opening(at) }),
        }
    }
}
",
    },
    Sample {
        name: "python",
        counts: [85, 85, 85, 90, 97, 102],
        text: r#"def carts_per_hour(log, start=None):
    """Counts the carts of each hour since start."""
    hours = defaultdict(int)
    for entry in log:
        if start is not None and entry.time < start:
            continue
        hours[entry.time.replace(minute=0, second=0)] += entry.carts
    return {hour.isoformat(): n for hour, n in sorted(hours.items())}
"#,
    },
    Sample {
        name: "json",
        counts: [92, 92, 92, 103, 90, 99],
        text: r#"{"gate": {"id": "north-2", "open": true, "wings": [{"side": "left", "weight_kg": 412.5}, {"side": "right", "weight_kg": 409.75}], "keeper": null, "hours": {"opens": "05:30", "closes": "22:00"}, "tags": ["old town", "harbour", "bridge"]}}"#,
    },
    Sample {
        name: "markdown",
        counts: [91, 90, 90, 99, 95, 103],
        text: "# The north gate

* **Opens** at 05:30, closes at 22:00
* Two wings, `left` and `right`
* See [the bridge](bridge.md#ice) for what to do in winter

| Hour | Carts |
|------|-------|
| 6    | 14    |
| 7    | 31    |

> Who comes early has been asked often enough.
",
    },
    Sample {
        name: "log",
        counts: [115, 115, 115, 158, 116, 158],
        text: "2026-03-14T05:30:02.117Z INFO gate: opened wing=left took=812ms
2026-03-14T05:30:02.931Z INFO gate: opened wing=right took=799ms
2026-03-14T05:41:55.004Z WARN bridge: surface=-2.5C spread=ashes by=keeper
2026-03-14T06:02:10.360Z INFO cart: id=7731 from=harbour load=fish
",
    },
    Sample {
        name: "emoji",
        counts: [37, 40, 40, 45, 40, 31],
        text: "good morning ☀️ the gate is open 🚪 first cart is here 🐴 careful, ice on the bridge 🧊😅 have a great day 🎉🎉",
    },
    Sample {
        name: "numbers",
        counts: [60, 60, 60, 91, 45, 91],
        text: "1, 14, 31, 47, 52, 1003, 2047.5, 99.95, 0.001, 123456789, 42, 7, 1999, 2026, 314159, 271828",
    },
];
