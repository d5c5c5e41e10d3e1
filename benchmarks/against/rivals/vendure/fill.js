// Makes the tables, the goods and the promotions, and prints each product's variant as JSON, by its barcode.
const { writeFileSync } = require("node:fs");
const { bootstrap } = require("@vendure/core");
const { populate } = require("@vendure/core/cli");
const { config, settings } = require("./config");

const COLUMNS =
  "name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets";
const INITIAL = {
  defaultLanguage: "en",
  defaultZone: "Europe",
  countries: [{ name: "Estonia", code: "EE", zone: "Europe" }],
  taxRates: [{ name: "Standard Tax", percentage: settings.vat }],
  shippingMethods: [],
  paymentMethods: [],
  collections: [],
};

async function fill() {
  const rows = settings.goods.map(
    ({ barcode, price }) => `goods ${barcode},${barcode},,,,,,${barcode},${price},standard,1000000,false,,`,
  );
  writeFileSync(settings.csv, [COLUMNS, ...rows].join("\n") + "\n");
  const app = await populate(() => bootstrap(config), INITIAL, settings.csv);
  const ask = await signedIn();
  await ask(`mutation { updateChannel(input: {id: "1", pricesIncludeTax: true}) { __typename } }`);
  const { productVariants } = await ask("{ productVariants(options: {take: 100}) { items { id sku } } }");
  const variants = Object.fromEntries(productVariants.items.map(({ id, sku }) => [sku, id]));
  const cheaper = settings.goods.filter((each) => each.cheaper).map(({ barcode }) => variants[barcode]);
  // A promotion needs a condition: this one always holds.
  await promote(ask, "Cheaper", from(0), {
    code: "products_percentage_discount",
    arguments: [argument("discount", settings.off), argument("productVariantIds", cheaper)],
  });
  await promote(ask, "Large", from(settings.large), {
    code: "order_percentage_discount",
    arguments: [argument("discount", settings.offLarge)],
  });
  console.log(JSON.stringify(variants));
  await app.close();
}

const from = (amount) => [
  { code: "minimum_order_amount", arguments: [argument("amount", amount), argument("taxInclusive", false)] },
];

const argument = (name, value) => ({ name, value: JSON.stringify(value) });

async function promote(ask, name, conditions, action) {
  const input = { enabled: true, conditions, actions: [action], translations: [{ languageCode: "en", name }] };
  const { createPromotion } = await ask(
    "mutation ($input: CreatePromotionInput!) { createPromotion(input: $input) { __typename } }",
    { input },
  );
  if (createPromotion.__typename !== "Promotion") throw new Error(JSON.stringify(createPromotion));
}

async function signedIn() {
  const address = `http://127.0.0.1:${settings.port}/admin-api`;
  const headers = { "content-type": "application/json" };
  const ask = async (query, variables) => {
    const response = await fetch(address, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    const token = response.headers.get("vendure-auth-token");
    if (token) headers.authorization = `Bearer ${token}`;
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const who = { username: "superadmin", password: settings.password };
  await ask(
    "mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { __typename } }",
    who,
  );
  return ask;
}

fill().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
