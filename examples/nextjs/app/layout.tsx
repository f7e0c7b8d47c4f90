import type { ReactNode } from "react";

export const metadata = { title: "Engraft: is it spam?" };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
