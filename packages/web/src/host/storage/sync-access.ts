// What workers have of the file system beside what pages have.
declare global {
  interface FileSystemSyncAccessHandle {
    truncate(size: number): void;
    getSize(): number;
    write(bytes: Uint8Array<ArrayBuffer>, options?: { readonly at?: number }): number;
    flush(): void;
    close(): void;
  }

  interface FileSystemFileHandle {
    createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
  }
}

export {};
