import { describe, expect, it } from "vitest";
import { isTaskZipAddress, nameOfAddress } from "./address-name.js";

describe("the name in an address", () => {
  it.each([
    ["https://app.example/tasks/mails.engraft.zip", "mails.engraft.zip"],
    ["https://app.example/tasks/mails.engraft/", "mails.engraft"],
    ["/tasks/mails.engraft.zip?v=2#top", "mails.engraft.zip"],
    ["tasks/%C3%BCbung%20a.zip", "übung a.zip"],
    ["/tasks/100%.engraft.zip", "100%.engraft.zip"],
  ])("%s is %s", (address, name) => {
    expect(nameOfAddress(address)).toBe(name);
  });
});

it("a task is one file by its path, whatever is asked with it", () => {
  expect(isTaskZipAddress("/tasks/mails.engraft.zip?v=2")).toBe(true);
  expect(isTaskZipAddress("https://app.example/mails.engraft?file=a.zip")).toBe(false);
});
