import { attackSuite } from "./hostile/suite.ts"

attackSuite("hostile plugins on tier os", { tier: "os" })
