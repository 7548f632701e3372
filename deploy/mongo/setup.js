// Makes the one-node replica set and its administrator. Safe to repeat. The users of the services: `proppr users`.
const fs = require("fs");
const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, "utf8").trim();
const admin = db.getSiblingDB("admin");
const root = { user: "root", pwd: secret("mongo_root_password") };

function isPrimary() {
  return admin.hello().isWritablePrimary;
}

// Without any user, mongod lets a connection from its own machine do two things: found the set, and make the first user.
const isNew = admin.hello().setName === undefined;
if (isNew) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: process.env.MONGO_MEMBER || "mongo:27017" }] });
}
for (let turn = 0; turn < 100 && !isPrimary(); turn++) {
  sleep(100);
}
if (!isPrimary()) {
  quit(1);
}
try {
  admin.auth(root.user, root.pwd);
} catch (refused) {
  admin.createUser({ ...root, roles: ["root"] }); // refused where users exist: then the root password was changed
  admin.auth(root.user, root.pwd);
}
