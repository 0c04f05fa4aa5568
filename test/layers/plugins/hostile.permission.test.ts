import { attackSuite } from "./hostile/suite.ts"

attackSuite("hostile plugins on tier permission", { tier: "permission" })
