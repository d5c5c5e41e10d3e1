// As Medusa's starter configures a shop, without the pages for its staff.
const { defineConfig } = require("@medusajs/framework/utils");

const settings = JSON.parse(process.env.MEDUSA);

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: settings.url,
    databaseDriverOptions: { connection: { ssl: false }, pool: { min: 2, max: settings.connections } },
    http: {
      storeCors: "http://localhost",
      adminCors: "http://localhost",
      authCors: "http://localhost",
      jwtSecret: settings.password,
      cookieSecret: settings.password,
    },
  },
});
