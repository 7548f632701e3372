// Removes a user of this whole MongoDB, as the administrator: USER_NAME=proppr mongosh ... remove_user.js
const fs = require("fs");
const admin = db.getSiblingDB("admin");
admin.auth("root", fs.readFileSync("/run/secrets/mongo_root_password", "utf8").trim());
const name = process.env.USER_NAME || "proppr";
if (name === "root") {
  throw new Error("not the administrator");
}
print(admin.dropUser(name) ? `${name}: removed` : `${name}: there is no such user`);
