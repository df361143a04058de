use axum::http::Method;

use super::Ask;

/// What is asked for: the name that faults and counts know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /auth`.
    Auth,
    /// `GET /companies`.
    Companies,
    /// `GET /company/{c}`.
    Company,
    /// `GET /groups`.
    Groups,
    /// `GET /user/permissions/{c}`.
    Permissions,
    /// `GET /company/{c}/staff[/{id}]`.
    Staff,
    /// `GET /staff/{c}[/{id}]`.
    StaffDeprecated,
    /// `GET /company/{c}/service_categories[/{id}]`, `/service_categories/{c}`, `/service_category/{c}/{id}`.
    ServiceCategories,
    /// `GET /company/{c}/services[/{id}]`, `/services/{c}[/{id}]`.
    Services,
    /// `GET /clients/{c}`, `/client/{c}/{id}`.
    Clients,
    /// `POST /company/{c}/clients/search`.
    ClientsSearch,
    /// `GET /records/{c}`, `/record/{c}/{id}`.
    Records,
    /// `GET /labels/{c}/{entity}`.
    Labels,
    /// `GET /goods/{c}[/{id}]`.
    Goods,
    /// `GET /goods_categories/{c}/{parent}`.
    GoodsCategories,
    /// `GET /goods/category_node/{c}/{category}`.
    CategoryNode,
    /// `GET /goods/search/{c}`.
    GoodsSearch,
    /// `GET /storages/{c}`.
    Storages,
    /// `GET /accounts/{c}`.
    Accounts,
    /// `GET /storages/transactions/{c}`, `/storage_operations/goods_transactions/{c}/{id}`.
    GoodsTransactions,
    /// `GET /transactions/{c}`, `/finance_transactions/{c}/{id}`, `/timetable/transactions/{c}`.
    FinanceTransactions,
    /// `GET /storage_operations/documents/{c}/{id}`.
    Documents,
    /// `GET /storage_operations/documents/goods_transactions/{id}`.
    DocumentGoods,
    /// `GET /storage_operations/documents/finance_transactions/{id}`.
    DocumentFinance,
    /// `GET|POST /hooks_settings/{c}`.
    HooksSettings,
}

/// What is asked for, and of which company and row.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// What.
    pub endpoint: Endpoint,
    /// The company in the path.
    pub company: Option<i64>,
    /// The row, parent or entity in the path.
    pub id: Option<i64>,
}

impl Endpoint {
    /// The name in SPECs and counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Companies => "companies",
            Self::Company => "company",
            Self::Groups => "groups",
            Self::Permissions => "permissions",
            Self::Staff => "staff",
            Self::StaffDeprecated => "staff_deprecated",
            Self::ServiceCategories => "service_categories",
            Self::Services => "services",
            Self::Clients => "clients",
            Self::ClientsSearch => "clients_search",
            Self::Records => "records",
            Self::Labels => "labels",
            Self::Goods => "goods",
            Self::GoodsCategories => "goods_categories",
            Self::CategoryNode => "category_node",
            Self::GoodsSearch => "goods_search",
            Self::Storages => "storages",
            Self::Accounts => "accounts",
            Self::GoodsTransactions => "goods_transactions",
            Self::FinanceTransactions => "finance_transactions",
            Self::Documents | Self::DocumentGoods | Self::DocumentFinance => "documents",
            Self::HooksSettings => "hooks_settings",
        }
    }

    /// Whether it is read page by page.
    pub const fn is_paged(self) -> bool {
        matches!(
            self,
            Self::Clients
                | Self::ClientsSearch
                | Self::Records
                | Self::Goods
                | Self::GoodsTransactions
                | Self::FinanceTransactions
        )
    }
}

impl Call {
    /// What a request asks for; none: there is nothing at its path.
    pub fn of(ask: &Ask) -> Option<Self> {
        let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
        let (endpoint, company, id) = match (&ask.method, path.as_slice()) {
            (&Method::POST, ["auth"]) => (Endpoint::Auth, None, None),
            (&Method::POST, ["company", c, "clients", "search"]) => {
                (Endpoint::ClientsSearch, Some(*c), None)
            }
            (&Method::GET | &Method::POST, ["hooks_settings", c]) => {
                (Endpoint::HooksSettings, Some(*c), None)
            }
            (&Method::GET, path) => get(path)?,
            _ => return None,
        };
        let number = |part: Option<&str>| part.map(str::parse::<i64>).transpose();
        Some(Self {
            endpoint,
            company: number(company).ok()?,
            id: number(id).ok()?,
        })
    }
}

fn get<'a>(path: &[&'a str]) -> Option<(Endpoint, Option<&'a str>, Option<&'a str>)> {
    let (endpoint, company, id) = match path {
        ["companies"] => return Some((Endpoint::Companies, None, None)),
        ["groups"] => return Some((Endpoint::Groups, None, None)),
        ["company", c] => (Endpoint::Company, c, None),
        ["user", "permissions", c] => (Endpoint::Permissions, c, None),
        ["company", c, "staff"] => (Endpoint::Staff, c, None),
        ["company", c, "staff", id] => (Endpoint::Staff, c, Some(*id)),
        ["staff", c] => (Endpoint::StaffDeprecated, c, None),
        ["staff", c, id] => (Endpoint::StaffDeprecated, c, Some(*id)),
        ["company", c, "service_categories"] | ["service_categories", c] => {
            (Endpoint::ServiceCategories, c, None)
        }
        ["company", c, "service_categories", id] | ["service_category", c, id] => {
            (Endpoint::ServiceCategories, c, Some(*id))
        }
        ["company", c, "services"] | ["services", c] => (Endpoint::Services, c, None),
        ["company", c, "services", id] | ["services", c, id] => (Endpoint::Services, c, Some(*id)),
        ["clients", c] => (Endpoint::Clients, c, None),
        ["client", c, id] => (Endpoint::Clients, c, Some(*id)),
        ["records", c] => (Endpoint::Records, c, None),
        ["record", c, id] => (Endpoint::Records, c, Some(*id)),
        ["labels", c, entity] => (Endpoint::Labels, c, Some(*entity)),
        ["goods", "category_node", c, category] => (Endpoint::CategoryNode, c, Some(*category)),
        ["goods", "search", c] => (Endpoint::GoodsSearch, c, None),
        ["goods", c] => (Endpoint::Goods, c, None),
        ["goods", c, id] => (Endpoint::Goods, c, Some(*id)),
        ["goods_categories", c, parent] => (Endpoint::GoodsCategories, c, Some(*parent)),
        ["storages", "transactions", c] => (Endpoint::GoodsTransactions, c, None),
        ["storages", c] => (Endpoint::Storages, c, None),
        ["accounts", c] => (Endpoint::Accounts, c, None),
        ["storage_operations", "goods_transactions", c, id] => {
            (Endpoint::GoodsTransactions, c, Some(*id))
        }
        ["transactions", c] | ["timetable", "transactions", c] => {
            (Endpoint::FinanceTransactions, c, None)
        }
        ["finance_transactions", c, id] => (Endpoint::FinanceTransactions, c, Some(*id)),
        ["storage_operations", "documents", "goods_transactions", id] => {
            return Some((Endpoint::DocumentGoods, None, Some(*id)));
        }
        [
            "storage_operations",
            "documents",
            "finance_transactions",
            id,
        ] => {
            return Some((Endpoint::DocumentFinance, None, Some(*id)));
        }
        ["storage_operations", "documents", c, id] => (Endpoint::Documents, c, Some(*id)),
        _ => return None,
    };
    Some((endpoint, Some(*company), id))
}
