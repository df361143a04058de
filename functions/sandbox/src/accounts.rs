use std::hash::{DefaultHasher, Hash, Hasher};

/// The password of every account.
pub const PASSWORD: &str = "sandbox";
/// The owner's e-mail address.
pub const OWNER_EMAIL: &str = "owner@sandbox.test";
/// The owner's phone, as a login.
pub const OWNER_PHONE: &str = "79990000001";
/// Who may see the first company only.
pub const MANAGER_EMAIL: &str = "manager@sandbox.test";
/// Whom the vendor asks for a second factor.
pub const TWO_FACTOR_EMAIL: &str = "two-factor@sandbox.test";

/// Somebody who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Sees every company.
    Owner,
    /// Sees the first company.
    Manager,
    /// Signs in with a second factor, which the API cannot do.
    TwoFactor,
    /// The system user of a connected application; sees every company.
    Application,
}

/// Who may sign in, and with which tokens.
#[derive(Debug)]
pub struct Accounts {
    seed: u64,
    /// Raised when tokens are revoked, as the vendor does when a password changes.
    generation: u64,
}

impl Accounts {
    /// The accounts of a seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            generation: 0,
        }
    }

    /// The account of a login and its password.
    pub fn sign_in(login: &str, password: &str) -> Option<Account> {
        let account = match login.trim_start_matches('+') {
            OWNER_EMAIL | OWNER_PHONE => Account::Owner,
            MANAGER_EMAIL => Account::Manager,
            TWO_FACTOR_EMAIL => Account::TwoFactor,
            _ => return None,
        };
        (password == PASSWORD).then_some(account)
    }

    /// The account's token.
    pub fn token(&self, account: Account) -> String {
        let part = |half: u8| {
            // Equal in every process: the hasher's keys are fixed.
            let mut hasher = DefaultHasher::new();
            (self.seed, self.generation, account as u8, half).hash(&mut hasher);
            hasher.finish()
        };
        format!("{:016x}{:016x}", part(0), part(1))
    }

    /// Whose token it is.
    pub fn of_token(&self, token: &str) -> Option<Account> {
        let accounts = [Account::Owner, Account::Manager, Account::Application];
        accounts
            .into_iter()
            .find(|account| self.token(*account) == token)
    }

    /// Makes every token worthless; signing in gives new ones.
    pub const fn revoke(&mut self) {
        self.generation += 1;
    }
}
