use std::sync::{Arc, OnceLock};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::Url;

use super::{Caller, VendorError, VendorSettings, caller::Inner, exchange, lane::Spending};
use crate::{
    control::{Control, LaneKey, Spender, VendorName, VendorToken},
    ports::Clock,
};

/// The vendors, as one process reaches them. Cheap to clone; nothing is connected before the first call.
#[derive(Debug, Clone)]
pub struct Vendor {
    settings: Arc<VendorSettings>,
    client: Arc<OnceLock<Client>>,
}

/// What signing in gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The user's token; it does not expire by itself.
    pub token: VendorToken,
}

impl Vendor {
    /// The vendors with these settings.
    pub fn new(settings: VendorSettings) -> Self {
        Self {
            settings: Arc::new(settings),
            client: Arc::default(),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &VendorSettings {
        &self.settings
    }

    /// The address that a vendor is reached at: `base_url` where one is given, else the configured one.
    pub fn base(&self, vendor: VendorName, base_url: Option<&str>) -> Result<Url, VendorError> {
        let text = base_url.unwrap_or(&self.settings.access(vendor).base_url);
        let url = Url::parse(text).map_err(|_| VendorError::BadAddress)?;
        let usable = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none();
        if usable {
            Ok(url)
        } else {
            Err(VendorError::BadAddress)
        }
    }

    /// Somebody who calls this vendor for the spender, with a user's token if there is one yet.
    pub fn caller(
        &self,
        control: &Control,
        clock: &Clock,
        spender: Spender,
        vendor: VendorName,
        base_url: Option<&str>,
        token: Option<&VendorToken>,
    ) -> Result<Caller, VendorError> {
        let base = self.base(vendor, base_url)?;
        let partner = self.settings.access(vendor).partner_token.as_deref();
        let authorization = exchange::authorization(partner, token)?;
        let host = match (base.host_str(), base.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(VendorError::BadAddress),
        };
        let settings = &self.settings;
        let lane = LaneKey::new(&host, partner.unwrap_or_default(), &settings.address);
        let spending = Spending::new(control, clock, lane, spender, settings);
        Ok(Caller {
            inner: Arc::new(Inner {
                client: self.client()?,
                vendor,
                base,
                authorization,
                patience: settings.patience,
                body_limit: settings.body_limit,
                spending,
            }),
        })
    }

    fn client(&self) -> Result<Client, VendorError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = exchange::client(&self.settings.patience)?;
        Ok(self.client.get_or_init(|| client).clone())
    }
}

impl Caller {
    /// Exchanges a login (a telephone number or an e-mail address) and a password for the user's token, once. Neither is
    /// kept. For a caller without a user's token.
    ///
    /// [`VendorError::TwoFactor`] for an account that asks for a second factor: the vendor then answers 200 with a challenge
    /// instead of 201 with a token.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, VendorError> {
        let body = json!({ "login": login, "password": password });
        let answered = self.call(Method::POST, "/auth", &[], Some(&body)).await;
        let (status, reply) = answered.map_err(|error| match error {
            // Which of these comes for what kind of wrong input is documented nowhere; none of them can be anything else.
            VendorError::Unauthorized
            | VendorError::Forbidden
            | VendorError::NotFound
            | VendorError::NothingFound
            | VendorError::Invalid { .. } => VendorError::WrongPassword,
            other => other,
        })?;
        let token = reply.data.get("user_token").and_then(Value::as_str);
        match token {
            Some(token) if !token.is_empty() => Ok(SignedIn {
                token: VendorToken::new(token),
            }),
            _ if reply.data.get("uuid").is_some() => Err(VendorError::TwoFactor),
            _ => Err(VendorError::Malformed { status }),
        }
    }
}
