use serde_json::{Map, Value, json};

/// The flags of the hook settings, one for each kind of thing that is told of.
const FLAGS: [&str; 13] = [
    "salon",
    "service_category",
    "service",
    "good",
    "master",
    "client",
    "record",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
];
/// More URLs the vendor does not take.
const MOST_URLS: usize = 10;

/// Where a company's webhooks go, and which.
#[derive(Debug, Clone, Default)]
pub struct HookSettings {
    /// Where to.
    pub urls: Vec<String>,
    /// Whether any are sent.
    pub active: bool,
    flags: [bool; FLAGS.len()],
    self_sending: bool,
}

impl HookSettings {
    /// What a POST sets: everything at once; what it leaves out is off. The message says what is wrong with it.
    pub fn replace(body: &Value) -> Result<Self, &'static str> {
        let given = body
            .get("urls")
            .and_then(Value::as_array)
            .ok_or("urls: обязательное поле")?;
        let mut urls: Vec<String> = Vec::new();
        for url in given {
            let url = url
                .as_str()
                .filter(|url| url.starts_with("http"))
                .ok_or("urls: неверный адрес")?;
            if !urls.iter().any(|known| known == url) {
                urls.push(url.to_owned());
            }
        }
        if urls.is_empty() || urls.len() > MOST_URLS {
            return Err("urls: от 1 до 10 уникальных адресов");
        }
        let mut flags = [false; FLAGS.len()];
        for (flag, name) in flags.iter_mut().zip(FLAGS) {
            *flag = is_on(body.get(name));
        }
        let (active, self_sending) = (is_on(body.get("active")), is_on(body.get("self_sending")));
        Ok(Self {
            urls,
            active,
            flags,
            self_sending,
        })
    }

    /// Whether things of this flag are told.
    pub fn tells(&self, flag: &str) -> bool {
        let mut flags = FLAGS.iter().zip(self.flags);
        self.active && flags.any(|(name, on)| on && *name == flag)
    }

    /// The settings as GET shows them.
    pub fn shown(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("urls".to_owned(), json!(self.urls));
        shown.insert("active".to_owned(), json!(u8::from(self.active)));
        for (name, on) in FLAGS.iter().zip(self.flags) {
            shown.insert((*name).to_owned(), json!(u8::from(on)));
        }
        shown.insert(
            "self_sending".to_owned(),
            json!(u8::from(self.self_sending)),
        );
        Value::Object(shown)
    }
}

/// 1 and true, as numbers, booleans or strings.
fn is_on(value: Option<&Value>) -> bool {
    value.is_some_and(|value| match value {
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => text == "1" || text == "true",
        _ => false,
    })
}
