// As Vendure's own template configures a shop, but for the plugins that carts have nothing to do with.
const { DefaultJobQueuePlugin, DefaultLogger, DefaultSchedulerPlugin, LogLevel } = require("@vendure/core");

const settings = JSON.parse(process.env.VENDURE);

exports.settings = settings;
exports.config = {
  apiOptions: {
    port: settings.port,
    hostname: "127.0.0.1",
    adminApiPath: "admin-api",
    shopApiPath: "shop-api",
    cors: { origin: ["http://127.0.0.1"], credentials: true },
    csrfPrevention: true,
  },
  // A session of one's own by a header is what its documentation advises for apps.
  authOptions: {
    tokenMethod: ["bearer", "cookie"],
    superadminCredentials: { identifier: "superadmin", password: settings.password },
    cookieOptions: { secret: settings.password },
  },
  dbConnectionOptions: {
    type: "postgres",
    host: settings.socket,
    username: settings.user,
    database: settings.database,
    synchronize: settings.fills,
    migrations: [],
    logging: false,
    extra: { max: settings.connections },
  },
  paymentOptions: { paymentMethodHandlers: [] },
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
  plugins: [DefaultSchedulerPlugin.init(), DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true })],
};
